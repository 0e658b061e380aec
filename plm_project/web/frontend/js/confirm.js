// A form with data-confirm="text" asks first, in the page's one confirmation dialog. Without scripts it just submits.
// For htmx forms the request is held until the answer.

function ask(element) {
  const dialog = document.getElementById("confirm-dialog");
  const title = document.getElementById("confirm-title");
  const yes = document.getElementById("confirm-yes");
  title.textContent = element.dataset.confirmTitle || title.dataset.default;
  document.getElementById("confirm-text").textContent = element.dataset.confirm;
  yes.textContent = element.dataset.confirmLabel || yes.dataset.default;
  yes.classList.toggle("btn-danger", "confirmDanger" in element.dataset);
  yes.classList.toggle("btn-primary", !("confirmDanger" in element.dataset));
  dialog.returnValue = "cancel";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

/** Hold forms with data-confirm (or a submitting button with it) until the person agrees. */
export function setUpConfirm() {
  const agreed = new WeakSet();
  document.addEventListener(
    "submit",
    async (event) => {
      const form = event.target;
      const submitter = event.submitter;
      const asking = submitter?.dataset.confirm ? submitter : form;
      if (!asking.dataset.confirm) return;
      if (agreed.delete(form)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!(await ask(asking))) return;
      agreed.add(form);
      form.requestSubmit(submitter ?? undefined);
    },
    true,
  );
}
