"use strict";
// Gives names to what Django's admin leaves without: the search boxes of choices, and the outer columns of rows.
(() => {
  const NAMED = ".select2-selection, .select2-selection__rendered, .select2-search__field";

  const nameChoice = (box) => {
    const select = box.previousElementSibling;
    if (!select || select.tagName !== "SELECT") return;
    const label = document.querySelector(`label[for="${select.id}"]`);
    const text = select.getAttribute("aria-label") || (label && label.textContent.trim()) || select.name;
    for (const part of box.querySelectorAll(NAMED)) part.setAttribute("aria-label", text);
  };

  const nameColumns = () => {
    for (const heading of document.querySelectorAll(".inline-group thead th")) {
      if (!heading.textContent.trim()) {
        const text = document.createElement("span");
        text.className = "visually-hidden";
        text.textContent = heading.classList.contains("original") ? window.gettext("Row") : window.gettext("Remove");
        heading.append(text);
      }
    }
  };

  // A table wider than the screen scrolls, also by the keyboard.
  const reachTables = () => {
    for (const box of document.querySelectorAll(".inline-group .tabular")) {
      const heading = box.querySelector(".inline-heading");
      box.tabIndex = 0;
      box.setAttribute("role", "region");
      if (heading) box.setAttribute("aria-labelledby", heading.id);
    }
  };

  document.addEventListener("DOMContentLoaded", () => {
    nameColumns();
    reachTables();
    const nameAll = () => document.querySelectorAll("select + .select2-container").forEach(nameChoice);
    new MutationObserver(nameAll).observe(document.body, { childList: true, subtree: true });
    nameAll();
  });
})();
