// The board as a list: the same items and the same deeds, for screen readers, phones and whoever prefers to read.

import { drawList, icon, make, setText } from "./keyed.js";
import { nameOf } from "./board_view.js";
import { say } from "./words.js";

/** Keep the list; edit(id) and remove(id) are asked for by its buttons. */
export function setUpItemList(room, list, empty, { edit, remove }) {
  const draw = () => {
    const items = [...room.items.values()];
    const { mayWrite, unsentItems } = room;
    empty.hidden = items.length > 0;
    drawList(list, items, {
      key: (item) => item.id,
      make: makeRow,
      update: (element, item) => update(element, item, mayWrite, unsentItems.has(item.id)),
    });
  };
  list.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    const id = button?.closest("li").dataset.key;
    if (button?.matches("[data-edit]")) edit(id);
    if (button?.matches("[data-remove]")) {
      const next = button.closest("li").nextElementSibling ?? button.closest("li").previousElementSibling;
      remove(id);
      (next?.querySelector("[data-remove]") ?? list).focus();
    }
  });
  list.replaceChildren();
  room.addEventListener("board", draw);
  room.addEventListener("state", draw);
  draw();
}

function makeRow(item) {
  return make(
    "li",
    { class: "item-row" },
    make("span", { class: "swatch" }, icon(item.type === "pin" ? "geo-alt-fill" : "sticky")),
    make("p", { class: "row-text" }),
    make("p", { class: "row-more" }, make("span", { class: "row-facts" }), make("span", { class: "unsent-mark" })),
    make(
      "span",
      { class: "row-tools" },
      make("button", { type: "button", class: "btn-icon", "data-edit": true }, icon("pencil")),
      make("button", { type: "button", class: "btn-icon", "data-remove": true }, icon("trash3")),
    ),
  );
}

function update(element, item, mayWrite, isUnsent) {
  const tools = element.querySelector(".row-tools");
  tools.hidden = !mayWrite;
  setText(element.querySelector(".unsent-mark"), isUnsent ? say("item_unsent") : "");
  if (element.item === item) return;
  element.item = item;
  element.querySelector(".swatch").className = `swatch color-${item.color}`;
  setText(element.querySelector(".row-text"), item.text || say("no_text"));
  setText(
    element.querySelector(".row-facts"),
    say("item_facts", {
      type: say(`type_${item.type}`),
      color: say(`color_${item.color}`),
      x: item.x,
      y: item.y,
      name: item.user_name,
    }),
  );
  tools.querySelector("[data-edit]").setAttribute("aria-label", say("edit_item", { name: nameOf(item) }));
  tools.querySelector("[data-remove]").setAttribute("aria-label", say("remove_item", { name: nameOf(item) }));
}
