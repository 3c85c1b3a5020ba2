// Test a message: a file that is dropped anywhere on the form is chosen, and tested at once.
import { say } from "./page.js";

const form = document.querySelector("form.trial");
const file = document.getElementById("file");

form.addEventListener("dragover", (event) => event.preventDefault());
form.addEventListener("drop", (event) => {
  const [dropped] = event.dataTransfer?.files ?? [];
  if (!dropped) return;
  event.preventDefault();
  const given = new DataTransfer();
  given.items.add(dropped);
  file.files = given.files;
  form.requestSubmit();
});
file.addEventListener("change", () => { if (file.files.length) form.requestSubmit(); });

const verdict = document.getElementById("verdict");
if (verdict) {
  say(verdict.textContent);
  if (matchMedia("(max-width: 60rem)").matches) verdict.scrollIntoView({ block: "center" });
}
