// On a phone the board and the chat share the place: two buttons choose. Wide screens show both and no buttons.

/** Let the buttons [data-show="board" | "chat"] choose; tells the page with "plm:room-view". */
export function setUpSegments(root) {
  const buttons = root.querySelectorAll("[data-show]");
  for (const button of buttons) {
    button.addEventListener("click", () => {
      root.dataset.view = button.dataset.show;
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      root.dispatchEvent(new CustomEvent("plm:room-view"));
    });
  }
}
