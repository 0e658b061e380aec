// A row with data-href opens its page wherever it is clicked. The link inside stays the way for keys and screen readers.

/** Set up by delegation. */
export function setUpRows() {
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    const row = event.target.closest("tr[data-href]");
    if (!row || event.target.closest("a, button, input, select, label, summary")) return;
    if (window.getSelection()?.toString()) return; // the person marked text to copy it
    if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank", "noopener");
    else window.location.assign(row.dataset.href);
  });
}
