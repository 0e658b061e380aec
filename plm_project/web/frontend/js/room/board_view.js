// The board as a picture: notes and pins are buttons, placed in per mille of the room that their own size leaves.
// So every item is whole on every screen, and 0 and 1000 are the edges for a small pin and a wide note alike.

import { onBoard, SIZE } from "./items.js";
import { drawList, icon, make, setText } from "./keyed.js";
import { initialsOf } from "./people.js";
import { say } from "./words.js";

export class BoardView {
  #wanted = null; // the item that the focus is waiting for
  #held = new Map(); // id → place while it is being moved here

  constructor(board, room) {
    this.board = board;
    this.room = room;
    this.list = board.querySelector("[data-board-items]");
    this.empty = board.querySelector("[data-board-empty]");
    room.addEventListener("board", () => this.draw());
    this.draw();
  }

  draw() {
    const items = [...this.room.items.values()];
    const unsent = this.room.unsentItems;
    drawList(this.list, items, {
      key: (item) => item.id,
      make: makeItem,
      update: (element, item) => this.#update(element, item, unsent.has(item.id)),
    });
    this.empty.hidden = items.length > 0;
    if (this.#wanted) this.focusOn(this.#wanted);
  }

  /** Put the focus on an item, as soon as it is drawn. */
  focusOn(id) {
    const button = this.buttonOf(id);
    this.#wanted = button ? null : id;
    button?.focus();
  }

  /** Return the button of an item. */
  buttonOf(id) {
    return this.list.querySelector(`[data-key="${CSS.escape(id)}"] > button`);
  }

  /** Return the id of the item that an element belongs to. */
  idOf(element) {
    return element.closest?.("[data-board-items] > li")?.dataset.key ?? null;
  }

  /** Hold an item at a place, whatever the room says, until it is let go (null). */
  hold(id, place) {
    if (place) this.#held.set(id, place);
    else this.#held.delete(id);
    const element = this.buttonOf(id)?.parentElement;
    const item = this.room.items.get(id);
    element?.classList.toggle("is-held", place !== null);
    if (element && item) putAt(element, place ?? item);
  }

  /** Return how many board units a pixel is, for something of this element's size. */
  unitsPerPixel(element) {
    const { clientWidth, clientHeight } = this.board;
    return {
      x: SIZE / Math.max(1, clientWidth - element.offsetWidth),
      y: SIZE / Math.max(1, clientHeight - element.offsetHeight),
    };
  }

  /** Return the place at which the middle of element lies under a pointer. */
  placeUnder(event, element) {
    const box = this.board.getBoundingClientRect();
    const units = this.unitsPerPixel(element);
    return {
      x: onBoard((event.clientX - box.left - this.board.clientLeft - element.offsetWidth / 2) * units.x),
      y: onBoard((event.clientY - box.top - this.board.clientTop - element.offsetHeight / 2) * units.y),
    };
  }

  #update(element, item, isUnsent) {
    if (element.item !== item || element.isUnsent !== isUnsent) {
      const button = element.firstElementChild;
      button.className = `item item-${item.type} color-${item.color}`;
      button.classList.toggle("is-unsent", isUnsent);
      button.setAttribute("aria-label", nameOf(item));
      setText(button.querySelector(".item-text"), item.text);
      setText(button.querySelector(".item-by"), initialsOf(item.user_name));
      Object.assign(element, { item, isUnsent });
    }
    putAt(element, this.#held.get(item.id) ?? item);
  }
}

/** Put an element at a place of the board. */
export function putAt(element, { x, y }) {
  element.style.setProperty("--x", x / SIZE);
  element.style.setProperty("--y", y / SIZE);
}

/** Return an item in words. */
export function nameOf(item) {
  return say("item_name", {
    text: item.text || say("no_text"),
    type: say(`type_${item.type}`),
    color: say(`color_${item.color}`),
    x: item.x,
    y: item.y,
  });
}

function makeItem(item) {
  const sign = item.type === "pin" ? icon("geo-alt-fill") : null;
  const button = make("button", { type: "button" }, sign, make("span", { class: "item-text" }), make("span", { class: "item-by" }));
  return make("li", { class: "board-place" }, button);
}
