// Operations: times of the charts in the viewer's zone; the page is loaded anew now and then while nobody works in it.
import { again } from "./again.js";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

for (const named of document.querySelectorAll("[data-clock]")) {
  named.textContent = clock.format(new Date(named.dataset.clock));
}
for (const title of document.querySelectorAll("title[data-at]")) {
  title.textContent = title.textContent.replace(/^\d\d:\d\d UTC/, clock.format(new Date(title.dataset.at)));
}

const EVERY = 30_000;

function renew() {
  const busy = document.querySelector("main details[open]") || document.activeElement?.closest("main a, main button, main form")
    || String(getSelection());
  if (document.hidden || busy) return setTimeout(renew, 5000);
  again();
}

if (document.querySelector("[data-refresh]") && !location.hash) setTimeout(renew, EVERY);
