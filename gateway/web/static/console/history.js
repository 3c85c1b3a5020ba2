// History: times are typed in the viewer's zone and stand in the address in UTC, so that a shared view is the same.

const two = (number) => String(number).padStart(2, "0");
const local = (moment) =>
  `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}T` +
  `${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}`;

const form = document.querySelector("form.filter");
const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;

for (const field of form.querySelectorAll("[data-moment]")) {
  if (field.value) field.value = local(new Date(`${field.value}Z`));
}
for (const named of form.querySelectorAll("[data-zone]")) named.textContent = `(${zone})`;

form.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData.entries()]) {
    if (!value.trim() || (name === "limit" && value === "50")) formData.delete(name);
  }
  for (const field of form.querySelectorAll("[data-moment]")) {
    if (field.value) formData.set(field.name, new Date(field.value).toISOString().slice(0, 19));
  }
});
