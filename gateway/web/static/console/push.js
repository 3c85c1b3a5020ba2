// The push form: shows while one types what would be found, and why; the button stores it at once.

import { send } from "./page.js";
import { clean } from "./row.js";

const PAUSE = 200;
const form = document.getElementById("push-form"), preview = document.getElementById("preview");
const button = document.getElementById("push-do"), pushed = document.getElementById("pushed");
const identifier = form.elements.identifier, content = form.elements.content;
const wrong = document.getElementById("push-identifier-wrong");
const HINT = preview.firstElementChild.textContent;
let asked = 0, timer = 0;

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function fault(text) {
  wrong.textContent = text;
  wrong.hidden = !text;
  identifier.setAttribute("aria-invalid", String(Boolean(text)));
}

function show(found) {
  if (found.kind === "none") {
    preview.replaceChildren(element("p", "", "No code would be found."), element("p", "soft", found.reason));
    return;
  }
  const value = element("p", "found mono secret", "");
  value.tabIndex = 0;
  value.append(element("bdi", "", clean(found.value)));
  const head = element("div", "head", "");
  head.append(value, element("span", "soft", `${found.kind}, ${Math.round(found.confidence * 100)} % sure`));
  const reasons = document.createElement("ul");
  const weighed = (found.candidates[0]?.reasons ?? []).filter(({ weight }) => weight > 0);
  for (const { name, weight } of weighed.sort((a, b) => b.weight - a.weight).slice(0, 3)) {
    const item = element("li", "", "");
    item.append(element("span", "weight", `+${weight.toFixed(1)}`), name);
    reasons.append(item);
  }
  preview.replaceChildren(head, reasons);
}

async function look() {
  const mine = ++asked;
  if (!identifier.value.trim() && !content.value.trim()) {
    fault("");
    return preview.replaceChildren(element("p", "soft", HINT));
  }
  try {
    const found = await send("/push/preview", { identifier: identifier.value, content: content.value });
    if (mine !== asked) return;
    fault(document.activeElement === identifier && !identifier.value.includes("@") ? "" : found.identifier_fault);
    if (content.value.trim()) show(found);
    else preview.replaceChildren(element("p", "soft", HINT));
  } catch (error) {
    if (mine === asked) preview.replaceChildren(element("p", "wrong", error.message));
  }
}

function told(text, tone = "") {
  pushed.textContent = text;
  pushed.className = `pushed small ${tone}`;
}

async function push(event) {
  event.preventDefault();
  const empty = [identifier, content].find((field) => !field.value.trim());
  if (empty) {
    empty.focus();
    return told(`Fill in ${empty.labels[0].textContent.toLowerCase()}.`, "wrong");
  }
  const fields = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));
  button.disabled = true;
  try {
    const { message, codes } = await send("/push", { ...fields, content: content.value, source: "console" });
    told(codes.length ? `Stored for ${clean(message.identifier)}.` : "Stored, but there is no code in it.", codes.length ? "" : "wrong");
    content.value = "";
    asked += 1;
    preview.replaceChildren(element("p", "soft", HINT));
    if (location.hash === "#push") location.hash = "main";
  } catch (error) {
    told(error.message, "wrong");
  } finally {
    button.disabled = false;
  }
}

form.addEventListener("submit", push);
form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(look, PAUSE);
  told("");
});
identifier.addEventListener("change", look);
addEventListener("hashchange", () => { if (location.hash === "#push") identifier.focus(); });
