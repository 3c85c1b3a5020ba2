// Operations: times of the charts in the viewer's zone; the page is loaded anew now and then while nobody works in it.

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

for (const named of document.querySelectorAll("[data-clock]")) {
  named.textContent = clock.format(new Date(named.dataset.clock));
}
for (const title of document.querySelectorAll("title[data-at]")) {
  title.textContent = title.textContent.replace(/^\d\d:\d\d UTC/, clock.format(new Date(title.dataset.at)));
}

const EVERY = 30_000;

function again() {
  const busy = document.querySelector("main details[open]") || document.activeElement?.closest("main a, main button, main form")
    || String(getSelection());
  if (document.hidden || busy) return setTimeout(again, 5000);
  location.reload();
}

if (document.querySelector("[data-refresh]") && !location.hash) setTimeout(again, EVERY);
