// Test a message: a file that is dropped anywhere on the form is tested at once; what cannot be is not sent.
import { say } from "./page.js";

const form = document.querySelector("form.trial");
const file = document.getElementById("file");

form.addEventListener("dragover", (event) => event.preventDefault());
form.addEventListener("drop", (event) => {
  const [dropped] = event.dataTransfer?.files ?? [];
  if (!dropped) return;
  event.preventDefault();
  const given = new DataTransfer();
  given.items.add(dropped);
  file.files = given.files;
  form.requestSubmit();
});

const content = document.getElementById("content"), button = form.querySelector("button");
const FRAME = 16_384;  // what a form takes beside the message
function fault() {
  const bytes = file.files[0]?.size ?? 0, text = new TextEncoder().encode(content.value).length;
  if (!bytes && !text) return "Paste a message, or choose a file.";
  if (bytes + text + FRAME <= Number(form.dataset.largest)) return "";
  return `That is larger than ${form.dataset.largestShown}, and so no mail that the gateway would take: choose a smaller one.`;
}

form.addEventListener("submit", (event) => {
  const wrong = fault();
  if (wrong) {
    event.preventDefault();
    const told = form.querySelector(".notice") ?? document.createElement("p");
    told.className = "notice bad";
    told.setAttribute("role", "alert");
    told.textContent = wrong;
    form.prepend(told);
    return content.focus();
  }
  button.disabled = true;  // one verdict at a time
});
addEventListener("pageshow", () => { button.disabled = false; });

const verdict = document.getElementById("verdict");
if (verdict) {
  say(verdict.textContent);
  if (matchMedia("(max-width: 60rem)").matches) verdict.scrollIntoView({ block: "center" });
}
