// One code as a row of Live, made of the page's template and filled with text alone.

import { localize } from "./page.js";

const KINDS = { code: "Code", link: "Link", totp: "TOTP" };
const CHANNELS = { email: "Email", sms: "SMS", push: "Push", totp: "TOTP" };
const ROUTES = {
  "secret-address": "Secret address", forwarder: "Forwarder", provider: "Provider", key: "API key", open: "Open",
};
const HELD = { claimed: "held by", accepted: "used by", rejected: "rejected by" };
const TONES = { fresh: "good", claimed: "accent", rejected: "bad" };
const TURNING = /[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g;

/** A stranger's text on one line, without what would turn the text around it. */
export const clean = (text) => (text ?? "").replace(TURNING, "\ufffd");

const within = (element, name) => element.querySelector(name);
const put = (row, name, text) => { within(row, `[data-text="${name}"]`).textContent = clean(text); };

/** The state that a code has by now: leases and lives end by themselves. */
export function stateOf(code, now = Date.now()) {
  if (code.state !== "fresh" && code.state !== "claimed") return code.state;
  if (Date.parse(code.expires_at) <= now) return "expired";
  return code.lease_until && Date.parse(code.lease_until) <= now ? "fresh" : code.state;
}

/** A new row for a code. */
export function rowOf(template, code) {
  const row = template.content.firstElementChild.cloneNode(true);
  row.dataset.id = code.id;
  fillValue(row, code);
  put(row, "identifier", code.identifier);
  within(row, ".identifier").title = clean(code.identifier);
  put(row, "from", code.sender || code.source || "nobody named");
  within(row, ".sender").title = clean(code.sender);
  put(row, "kind", KINDS[code.kind] ?? code.kind);
  put(row, "channel", CHANNELS[code.channel] ?? code.channel);
  badge(within(row, ".route"), ROUTES[code.route] ?? code.route, code.evidence);
  within(row, ".route").classList.toggle("good", code.route !== "open");
  if (code.author) badge(within(row, ".author"), code.author, `wrote it: ${code.evidence}`);
  within(row, ".author").hidden = !code.author;
  const why = within(row, ".why");  // not there for a key that may not see messages
  if (why) {
    why.hidden = !code.message_id;
    why.href = `/messages/${encodeURIComponent(code.message_id)}`;
    why.setAttribute("aria-label", `Why: the message of the code for ${clean(code.identifier)}`);
  }
  const time = within(row, "time");
  time.dateTime = code.received_at;
  localize(time);
  refresh(row, code);
  return row;
}

function fillValue(row, code) {
  const value = within(row, ".value"), text = within(value, "bdi"), copy = within(row, ".copy");
  const link = code.kind === "link";
  if (!code.value) {
    value.classList.add("without");
    value.classList.remove("secret");
    value.removeAttribute("tabindex");
    text.textContent = link ? clean(code.link_host) : code.value === null ? "hidden" : "forgotten";
    if (code.value === null) value.title = "Values are shown to API keys with scope claim";
    copy.hidden = true;
    return;
  }
  text.replaceChildren(...(link ? breakable(clean(code.link_host) || "a link") : [code.value]));
  value.classList.toggle("host", link);
  value.classList.toggle("secret", !link);
  value.classList.toggle("long", !link && code.value.length > 9);
  if (link) value.title = "A link: copied, never followed from here";
  copy.dataset.copy = code.value;
  copy.setAttribute("aria-label", `Copy the ${link ? "link" : "code"} for ${clean(code.identifier)}`);
}

/** A host name that may break behind its dots. */
function breakable(host) {
  return host.split(/(?<=\.)/).flatMap((label) => [label, document.createElement("wbr")]);
}

function badge(element, word, reason) {
  const shown = document.createElement("span"), said = document.createElement("span");
  shown.textContent = clean(word);
  said.className = "unseen";
  said.textContent = `: ${clean(reason)}`;
  element.replaceChildren(shown, said);
  element.dataset.tip = clean(reason);
}

/** Shows what has changed: who holds it, its state, and the time that is left. */
export function refresh(row, code) {
  const state = stateOf(code);
  put(row, "run", code.run_id ? `${HELD[code.state === state ? state : ""] ?? "for"} ${code.run_id}` : "");
  within(row, ".run").title = clean(code.run_id);
  if (row.dataset.state !== state) {
    row.dataset.state = state;
    const shown = within(row, ".state");
    shown.textContent = state;
    shown.className = `badge state ${TONES[state] ?? ""}`;
    row.classList.toggle("over", state !== "fresh" && state !== "claimed");
    shrink(within(row, ".bar span"), code);
  }
  tick(row, code);
}

/** Shows the time that is left, or when it came once none is. */
export function tick(row, code) {
  const over = row.classList.contains("over");
  put(row, "left", over ? "" : spell(Date.parse(code.expires_at) - Date.now()));
  within(row, "time").hidden = !over;
}

function spell(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 3600) return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} left`;
  return `${Math.round(seconds / 3600)} h left`;
}

function shrink(bar, code) {
  for (const running of bar.getAnimations()) running.cancel();
  const end = Date.parse(code.expires_at), left = end - Date.now();
  const part = Math.max(0, Math.min(1, left / (end - Date.parse(code.received_at))));
  const frames = [{ transform: `scaleX(${part})` }, { transform: "scaleX(0)" }];
  if (left > 0) bar.animate(frames, { duration: left, fill: "forwards" });
}
