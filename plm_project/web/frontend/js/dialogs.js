// Native dialogs: data-dialog-open="id" opens one, data-dialog-close closes it, and so does a click beside it.
// The focus goes to [data-autofocus], and back to the button by the browser itself. A dialog that holds a form with
// errors opens by itself, for the person was in it when they sent it.

/** Set up by delegation. */
export function setUpDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog-open]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.dialogOpen);
      if (dialog && !dialog.open) {
        event.preventDefault(); // an opener may be a link to the page that asks the same without scripts
        dialog.showModal();
        dialog.querySelector("[data-autofocus]")?.focus();
      }
      return;
    }
    if (event.target.closest("[data-dialog-close]")) {
      event.target.closest("dialog")?.close();
    } else if (event.target instanceof HTMLDialogElement && isBeside(event.target, event)) {
      event.target.close();
    }
  });
  document.querySelector("dialog:not(#confirm-dialog):has([data-form-errors])")?.showModal();
}

function isBeside(dialog, event) {
  const box = dialog.getBoundingClientRect();
  const inside =
    event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  return !inside && event.detail > 0; // detail 0: a key, not a pointer
}
