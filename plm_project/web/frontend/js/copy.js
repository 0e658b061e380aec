// Copy buttons appear only where the browser lets us copy.
import { showToast } from "./toasts.js";

function reveal(within) {
  for (const button of within.querySelectorAll("button[data-copy][hidden]")) button.hidden = false;
}

/** Show the buttons and let them copy. */
export function setUpCopy() {
  if (!navigator.clipboard) return;
  reveal(document);
  document.addEventListener("htmx:load", (event) => reveal(event.detail.elt));
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    showToast(button.dataset.copy, "success");
  });
}
