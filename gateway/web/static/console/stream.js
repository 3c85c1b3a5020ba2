// What happens on the gateway, as it happens: by server-sent events, and by asking again and again when they break.

import { leave, load } from "./page.js";

const POLL = 2000, RECONCILE = 30_000, AGAIN = 4000, REST = 5000;

/** Calls `heard(event, data)` for each event after `after`, `told(state)` when the connection changes. */
export function follow(after, heard, told) {
  let last = after, source = null, polling = null, opened = 0;

  function take(id, event, data) {
    if (number(id) <= number(last) && event !== "reset") return;  // the stream and a poll may both have told it
    last = id;
    heard(event, data);
  }

  function open() {
    source?.close();
    source = new EventSource(`/v1/events?after=${encodeURIComponent(last)}`);
    opened = Date.now();
    for (const event of ["message", "code", "claim", "reset"]) {
      source.addEventListener(event, (sent) => {
        if (sent.data !== undefined) take(sent.lastEventId, event, JSON.parse(sent.data));
      });
    }
    source.onopen = () => { stopPolling(); told("live"); };
    source.onerror = () => { source.close(); startPolling(); };
  }

  async function poll() {
    try {
      const found = await load(`/live/events?after=${encodeURIComponent(last)}`);
      if (found.reset) return heard("reset", {});
      for (const one of found.events) take(one.id, one.event, one.data);
      if (number(found.after) > number(last)) last = found.after;
      if (polling) told("polling");
    } catch (error) {
      if (error.status === 401) leave();
      if (polling) told("offline");
    }
  }

  function startPolling() {
    if (polling) return;
    poll();
    polling = setInterval(() => {
      poll();
      if (Date.now() - opened > AGAIN) open();
    }, POLL);
  }

  function stopPolling() {
    clearInterval(polling);
    polling = null;
  }

  open();
  setInterval(() => polling ?? poll(), RECONCILE);  // some proxies hold a stream back without breaking it
  let resting = 0;
  document.addEventListener("visibilitychange", () => {  // a browser has six connections for all of its tabs
    clearTimeout(resting);
    if (document.hidden) resting = setTimeout(() => source.close(), REST);
    else if (source.readyState === EventSource.CLOSED) open();
  });
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => { if (event.persisted) open(); });
}

const number = (id) => parseInt(id.slice(4), 16);
