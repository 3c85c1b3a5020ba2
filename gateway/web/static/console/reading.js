// Whoever reads the list is left in peace: nothing moves under a pointer, a keyboard's focus, or a scrolled page.

const FORGOTTEN = 20_000;  // a pointer or focus that has lain still for so long is nobody's
let touched = 0;
for (const sign of ["pointermove", "pointerdown", "keydown", "wheel"]) {
  document.addEventListener(sign, () => { touched = Date.now(); }, { passive: true });
}

const edge = () => document.querySelector(".top")?.getBoundingClientRect().bottom ?? 0;

/** Whether the beginning of the list is out of sight. */
export const isScrolled = (list) => list.childElementCount > 0 && list.getBoundingClientRect().top < edge();

/** Whether somebody points at one of the elements, or is in it by keyboard. */
export function isRead(...elements) {
  if (document.hidden || Date.now() - touched > FORGOTTEN) return false;
  const pointing = matchMedia("(hover: hover)").matches;
  return elements.some((one) => (pointing && one.matches(":hover")) || one.matches(":focus-visible, :has(:focus-visible)"));
}

/** Does some work on the list, and keeps what is read of a scrolled one where it stands. */
export function inPlace(list, work) {
  const top = edge();
  const read = isScrolled(list) && [...list.children].find((row) => row.getBoundingClientRect().bottom > top);
  if (!read) return work();
  const place = () => Number(read.style.getPropertyValue("--place"));
  const before = place();
  list.classList.add("still");
  work();
  if (read.isConnected) scrollBy({ top: (place() - before) * read.offsetHeight, behavior: "instant" });
  list.classList.remove("still");
}
