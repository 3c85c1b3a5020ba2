// Loading a page anew by itself, which is nobody's doing: the session's idle time goes on.

const here = new URL(location.href);
if (here.searchParams.has("again")) {
  here.searchParams.delete("again");
  history.replaceState(null, "", here);
}

/** Loads the page anew without counting as somebody who is there. */
export function again() {
  here.searchParams.set("again", "1");
  location.replace(here);
}
