// Live: keeps the list of the newest codes.

import { say } from "./page.js";
import { inPlace, isRead, isScrolled } from "./reading.js";
import { clean, refresh, rowOf, stateOf, tick } from "./row.js";
import { follow } from "./stream.js";

const MOST = 60;
const list = document.getElementById("rows"), template = document.getElementById("row");
const none = document.getElementById("none"), latest = document.getElementById("latest");
const more = document.getElementById("more");
const codes = new Map(), rows = new Map(), held = new Map();
const title = document.title;
let unseen = 0, above = 0;

// Newest on top
function place() {
  const ids = [...codes.keys()];
  for (const id of ids.slice(MOST)) {
    rows.get(id).remove();
    rows.delete(id);
    codes.delete(id);
  }
  ids.slice(0, MOST).forEach((id, index) => rows.get(id).style.setProperty("--place", index));
  list.style.setProperty("--count", codes.size);
  none.hidden = codes.size > 0;
}

function add(code, fresh) {
  const row = rowOf(template, code);
  if (fresh) row.classList.add("new");
  const later = [...codes.values()].findIndex((other) => other.received_at < code.received_at);
  const entries = [...codes.entries()];
  const at = later < 0 ? entries.length : later;
  entries.splice(at, 0, [code.id, code]);
  codes.clear();
  for (const [id, one] of entries) codes.set(id, one);
  list.insertBefore(row, rows.get(entries[at + 1]?.[0]) ?? null);
  rows.set(code.id, row);
  suggest(code.identifier);
}

function change(told) {
  const { claim_id: _, code_id: id, value: __, subject: ___, ...changed } = told;
  const known = codes.get(id) ?? held.get(id);
  if (!known) return;
  Object.assign(known, changed);
  if (rows.has(id)) refresh(rows.get(id), known);
}

// What arrives while somebody reads waits behind a button, or stands above what a scrolled page shows
function arrive(code) {
  if (codes.has(code.id) || held.has(code.id)) return;
  held.set(code.id, code);
  say(`${code.kind === "link" ? "Link" : "Code"} for ${clean(code.identifier)}`);
  if (document.hidden) document.title = `(${++unseen}) ${title}`;
  settle();
}

function settle() {
  const scrolled = isScrolled(list);
  if (!scrolled) above = 0;
  if (held.size && (scrolled || !isRead(list, more))) {
    if (scrolled) above += held.size;
    show();
  }
  const count = held.size + above;
  more.hidden = count === 0;
  if (count) more.textContent = `${count} new`;
}

function show() {
  inPlace(list, () => {
    for (const code of held.values()) add(code, true);
    held.clear();
    place();
  });
}

more.addEventListener("click", () => {
  const keyboard = more.matches(":focus-visible");
  show();
  scrollTo({ top: 0, behavior: "instant" });
  settle();
  if (keyboard) list.querySelector(".value").focus();
});
for (const sign of ["pointerleave", "focusout"]) {
  for (const one of [list, more]) one.addEventListener(sign, () => setTimeout(settle));
}
addEventListener("scroll", settle, { passive: true });

const VERDICTS = {
  none: "no code in it", "gmail-confirmation": "Gmail asks to confirm a forwarding",
  "forwarding-confirmation": "a mail provider asks to confirm a forwarding",
};
function note(message) {
  const time = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" }).format(new Date(message.received_at));
  const who = document.createElement("bdi");
  who.textContent = clean(message.identifier);
  const link = document.createElement("a");
  link.href = `/messages/${encodeURIComponent(message.id)}`;
  link.textContent = VERDICTS[message.kind] ? "Why?" : "Look";
  const verdict = VERDICTS[message.kind] ?? `a ${message.kind} in it`;
  const why = template.content.querySelector(".why") ? link : "";
  latest.replaceChildren(`Last message ${time} for `, who, `: ${verdict}. `, why);
}

function suggest(identifier) {
  const known = document.getElementById("known");
  if (!known || [...known.children].some((option) => option.value === identifier)) return;
  const option = document.createElement("option");
  option.value = identifier;
  known.append(option);
}

const LINKS = { live: "Listening", polling: "Stream broken, asking every 2 s", offline: "The gateway does not answer" };
function connected(state) {
  const link = document.getElementById("link");
  if (link.dataset.state === state) return;
  link.dataset.state = state;
  link.textContent = LINKS[state];
}

for (const code of JSON.parse(document.getElementById("newest").textContent)) add(code, false);
place();
follow(list.dataset.after, (event, data) => {
  if (event === "reset") location.reload();
  else if (event === "message") note(data);
  else if (event === "code") arrive(data);
  else change(data);
}, connected);

setInterval(() => {
  settle();
  for (const [id, code] of codes) {
    const row = rows.get(id);
    if (row.dataset.state !== stateOf(code)) refresh(row, code);
    else if (!row.classList.contains("over")) tick(row, code);
  }
}, 1000);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unseen = 0;
  document.title = title;
});
