// One item in a dialog: its text, colour and place. The same dialog places a new one, and reads one out to viewers.

import { newId } from "./ids.js";
import { onBoard, stepsBetween } from "./items.js";
import { setText } from "./keyed.js";
import { say } from "./words.js";

export class ItemDialog {
  #item = null; // as it was when the dialog opened
  #isNew = false;

  /** onPlaced(id): a new item stands on the board. onGivenUp(type): it was not placed after all. */
  constructor(room, undo, dialog, { onPlaced, onGivenUp }) {
    Object.assign(this, { room, undo, dialog, onPlaced, onGivenUp });
    this.form = dialog.querySelector("form");
    this.title = dialog.querySelector(".dialog-head h2");
    this.gone = dialog.querySelector("[data-item-gone]");
    this.remover = dialog.querySelector("[data-item-remove]");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    this.remover.addEventListener("click", () => this.remove(this.#item.id));
    this.form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.form.requestSubmit();
    });
    dialog.addEventListener("close", () => this.#isNew && this.onGivenUp(this.#item.type));
    room.addEventListener("board", () => this.#watch());
    room.addEventListener("state", () => this.#allow());
  }

  /** Ask for the text of a new item. */
  place(type, { x, y }) {
    const color = type === "pin" ? "red" : "yellow";
    this.#open({ id: newId(), type, x, y, text: "", color, user_name: "" }, true);
  }

  /** Show an item for editing or reading. */
  show(id) {
    const item = this.room.items.get(id);
    if (item) this.#open(item, false);
  }

  /** Take an item off the board; undo brings it back. */
  remove(id) {
    const item = this.room.items.get(id);
    if (this.dialog.open) this.dialog.close();
    if (!item || !this.room.mayWrite) return;
    this.undo.act([{ kind: "remove", item }]);
    this.room.announce(say("removed"));
  }

  #open(item, isNew) {
    this.#item = item;
    this.#isNew = isNew;
    const { text, color, x, y } = this.form.elements;
    text.value = item.text;
    color.value = item.color;
    x.value = item.x;
    y.value = item.y;
    setText(this.title, say(`${isNew ? "new" : this.room.mayWrite ? "edit" : "read"}_${item.type}`));
    this.remover.hidden = isNew;
    this.gone.hidden = true;
    this.#allow();
    this.dialog.showModal();
    text.focus();
  }

  /** Somebody took the item off while it is open here: what was typed can still be placed anew. */
  #watch() {
    if (!this.dialog.open || this.#isNew || this.room.items.has(this.#item.id)) return;
    this.#isNew = true;
    this.#item = { ...this.#item, id: newId() };
    this.gone.hidden = false;
    this.remover.hidden = true;
  }

  #allow() {
    this.form.elements.text.readOnly = !this.room.mayWrite;
    this.form.querySelector("fieldset").disabled = !this.room.mayWrite;
    for (const element of this.form.querySelectorAll("[data-writing]")) element.hidden = !this.room.mayWrite;
    if (this.room.mayWrite) this.remover.hidden = this.#isNew;
  }

  #save() {
    const { text, color, x, y } = this.form.elements;
    const changed = { text: text.value.trim(), color: color.value, x: onBoard(Number(x.value)), y: onBoard(Number(y.value)) };
    const item = { ...this.#item, ...changed };
    const isNew = this.#isNew;
    this.#isNew = false; // it is not given up
    this.dialog.close();
    if (!this.room.mayWrite) return;
    if (isNew) {
      this.undo.act([{ kind: "add", item }]);
      this.room.announce(say("placed", changed));
      this.onPlaced(item.id);
    } else this.undo.act(stepsBetween(this.#item, item));
  }
}
