// Files may be dropped on a [data-drop-zone]; they land in its file input, which stays the way for keys.

/** Set up by delegation. */
export function setUpFileDrop() {
  const zoneOf = (event) => event.target.closest?.("[data-drop-zone]");
  document.addEventListener("dragover", (event) => {
    const zone = zoneOf(event);
    if (!zone) return;
    event.preventDefault();
    zone.classList.add("is-over");
  });
  document.addEventListener("dragleave", (event) => {
    const zone = zoneOf(event);
    if (zone && !zone.contains(event.relatedTarget)) zone.classList.remove("is-over");
  });
  document.addEventListener("drop", (event) => {
    const zone = zoneOf(event);
    if (!zone) return;
    event.preventDefault();
    zone.classList.remove("is-over");
    const input = zone.querySelector("input[type=file]");
    if (!event.dataTransfer.files.length) return;
    const given = new DataTransfer();
    const wanted = input.multiple ? [...event.dataTransfer.files] : [event.dataTransfer.files[0]];
    for (const file of wanted) given.items.add(file);
    input.files = given.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
