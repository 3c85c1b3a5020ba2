// What every page does: times in the viewer's zone, copying, masking, the theme, and signing out who is away.
// Pages import what they need from here; each has a module of its own, loaded in its `scripts` block.

const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";

/** Says something to a screen reader. */
export function say(text) {
  const said = document.getElementById("said");
  said.textContent = "";
  requestAnimationFrame(() => { said.textContent = text; });
}

/** Sends a change with the session's CSRF token; the answer's JSON, or an Error with the gateway's own words. */
export async function send(path, body = {}, method = "POST") {
  return answer(await fetch(path, {
    method,
    headers: { "Accept": "application/json", "Content-Type": "application/json", "X-CSRF-Token": meta("csrf-token") },
    body: JSON.stringify(body),
  }));
}

/** The JSON at an address, or an Error with the gateway's own words. */
export async function load(path) {
  return answer(await fetch(path, { headers: { "Accept": "application/json" } }));
}

async function answer(response) {
  if (response.status === 401) leave();
  const told = response.status === 204 ? null : await response.json();
  if (!response.ok) throw Object.assign(new Error(told.detail), { status: response.status });
  return told;
}

/** Goes to the sign-in page; whoever signs in comes back here. */
export function leave() {
  const here = location.pathname + location.search;
  location.assign(here === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(here)}`);
}

// Times
const today = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const earlier = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

/** Shows a `<time datetime>` in the viewer's zone, with the exact time on hover. */
export function localize(element) {
  const moment = new Date(element.dateTime);
  if (Number.isNaN(moment.getTime())) return;
  const near = moment.toDateString() === new Date().toDateString();
  element.textContent = (near ? today : earlier).format(moment);
  element.title = `${exact.format(moment)} · ${element.dateTime}`;
}

// Copying
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");  // over plain HTTP there is no clipboard
  field.value = text;
  field.className = "unseen";
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (button) {
    event.preventDefault();
    await copy(button.dataset.copy);
    button.classList.add("done");
    say("Copied");
    setTimeout(() => button.classList.remove("done"), 1500);
    return;
  }
  event.target.closest?.(".secret")?.classList.toggle("shown");
});

// Preferences: in cookies, so that pages come as they should look
function prefer(name, value) {
  document.cookie = `otpgate_${name}=${value}; path=/; max-age=31536000; samesite=strict`;
  document.documentElement.dataset[name] = value;
}

document.getElementById("discreet")?.addEventListener("click", ({ currentTarget: button }) => {
  const on = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(on));
  prefer("discreet", on ? "on" : "off");
  for (const secret of document.querySelectorAll(".secret.shown")) secret.classList.remove("shown");
});

document.getElementById("theme")?.addEventListener("click", ({ currentTarget: button }) => {
  const themes = ["auto", "light", "dark"];
  const next = themes[(themes.indexOf(button.dataset.theme) + 1) % themes.length];
  button.dataset.theme = next;
  button.textContent = `Theme: ${next}`;
  prefer("theme", next);
});

// Idle: what a person does here keeps the session; when it has ended, nothing stays on the screen
const idle = Number(meta("idle-seconds")) * 1000;
let touched = Date.now();

async function look() {
  const response = await fetch("/session", { headers: { "Accept": "application/json" } }).catch(() => null);
  if (response?.status === 401) return leave();
  const left = response?.ok ? Number(await response.text()) * 1000 : 5000;
  setTimeout(look, Math.min(left + 500, 2 ** 31 - 1));
}

function touch() {
  if (Date.now() - touched < Math.min(60_000, idle / 10)) return;
  touched = Date.now();
  send("/session").catch(() => {});
}

if (idle) {
  for (const sign of ["pointerdown", "keydown", "wheel", "touchstart"]) {
    document.addEventListener(sign, touch, { passive: true });
  }
  setTimeout(look, Math.min(idle + 500, 2 ** 31 - 1));
}

document.querySelectorAll("time[datetime]").forEach(localize);
