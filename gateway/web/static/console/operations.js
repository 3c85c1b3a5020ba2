// Operations: times of the charts in the viewer's zone; the page is loaded anew now and then while nobody works in it.
import { again } from "./again.js";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

for (const named of document.querySelectorAll("[data-clock]")) {
  named.textContent = clock.format(new Date(named.dataset.clock));
}

// What a chart says where it is pointed at
const SVG = "http://www.w3.org/2000/svg";
const seconds = (value) => (value < 1 ? `${+(value * 1000).toPrecision(3)} ms` : `${+value.toPrecision(3)} s`);

for (const chart of document.querySelectorAll("svg[data-plot]")) {
  const { begin, step, unit, series } = JSON.parse(chart.dataset.plot);
  const spans = series[0][1].length;
  for (let place = 0; place < spans; place += 1) {
    const at = new Date(Date.parse(begin) + place * step * 1000);
    const told = series.map(([name, values]) => {
      const value = values[place];
      return `${name} ${value === null ? "–" : unit ? seconds(value) : value.toLocaleString()}`;
    });
    const over = document.createElementNS(SVG, "rect");
    const title = document.createElementNS(SVG, "title");
    title.textContent = [clock.format(at), ...told].join(" · ");
    for (const [name, value] of Object.entries({ class: "over", x: (place * 600) / spans, y: 0, width: 600 / spans, height: 120 })) {
      over.setAttribute(name, value);
    }
    over.append(title);
    chart.append(over);
  }
}

const EVERY = 30_000;

function renew() {
  const busy = document.querySelector("main details[open]") || document.activeElement?.closest("main a, main button, main form")
    || String(getSelection());
  if (document.hidden || busy) return setTimeout(renew, 5000);
  again();
}

if (document.querySelector("[data-refresh]") && !location.hash) setTimeout(renew, EVERY);
