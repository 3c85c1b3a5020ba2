// One identifier: its authenticator codes count down and change; the page shows what arrives; pictures can be pasted.
import { again } from "./again.js";
import { load } from "./page.js";

// Authenticator codes
const list = document.querySelector(".totps");
const rows = [...document.querySelectorAll(".totp")].filter((row) => row.dataset.period);
const ends = new Map(rows.map((row) => [row, performance.now() + Number(row.dataset.left) * 1000]));

function turn() {
  let over = false;
  for (const row of rows) {
    const left = Math.max(0, (ends.get(row) - performance.now()) / 1000);
    row.querySelector(".ring-left").setAttribute("stroke-dashoffset", String(100 - (100 * left) / Number(row.dataset.period)));
    row.querySelector(".ring-seconds").textContent = String(Math.floor(left));
    over ||= left === 0;
  }
  setTimeout(over && !document.hidden ? renew : turn, 250);
}

async function renew() {
  try {
    const { codes } = list.dataset.codesAt ? await load(list.dataset.codesAt) : { codes: [] };
    codes.filter((code) => code.period).forEach((code, place) => {
      const row = rows[place];
      if (!row || !code.value) return;
      row.querySelector(".secret bdi").textContent = code.value;
      row.querySelector("[data-copy]").dataset.copy = code.value;
      ends.set(row, performance.now() + code.left * 1000);
    });
    turn();
  } catch {
    setTimeout(renew, 5000);
  }
}

if (rows.length && list.dataset.codesAt) turn();

// What arrives: the page is loaded anew, unless somebody is writing in it
const head = document.getElementById("identifier");

async function look() {
  if (!document.hidden) {
    const answer = await load(head.dataset.newestAt).catch(() => null);
    if (answer && answer.newest !== head.dataset.newest) {
      const writing = [...document.querySelectorAll("main input:not([type=hidden]), main textarea")]
        .some((field) => field.value !== field.defaultValue || field === document.activeElement);
      if (!writing) return again();
    }
  }
  setTimeout(look, 2000);
}

setTimeout(look, 2000);

// A picture from the clipboard
const picture = document.getElementById("picture");
document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith("image/"));
  if (!picture || !files.length) return;
  const given = new DataTransfer();
  given.items.add(files[0]);
  picture.files = given.files;
  picture.closest("details").open = true;
  picture.focus();
});
