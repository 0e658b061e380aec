// Undo and redo of one's own last actions, as inverse updates. Only what still is as we left it is undone: taking back
// what somebody else has changed since would be their loss.
//
// A step is {kind: add | remove, item} or {kind: move | edit, id, from, to}; an action is a list of steps. A removed
// id is never used again, so whatever comes back has a new one, and the older steps follow it.

import { newId } from "./ids.js";
import { addition, isPlacedAt, looks, looksLike } from "./items.js";

const REMEMBERED = 100; // actions

export class Undo {
  #done = [];
  #undone = [];

  /** find(id): the item as it is now. send(update). onChange(). */
  constructor({ find, send, onChange }) {
    Object.assign(this, { find, send, onChange });
  }

  get canUndo() {
    return this.#done.length > 0;
  }

  get canRedo() {
    return this.#undone.length > 0;
  }

  /** Do an action and remember it. */
  act(steps) {
    if (!steps.length) return;
    for (const step of steps) this.#send(step);
    this.remember(steps);
  }

  /** Remember an action whose updates were sent already. */
  remember(steps) {
    this.#done = [...this.#done.slice(1 - REMEMBERED), steps];
    this.#undone = [];
    this.onChange();
  }

  /** Return "done", "nothing", or "changed" when somebody else has changed it since. */
  undo() {
    return this.#turn(this.#done, this.#undone);
  }

  redo() {
    return this.#turn(this.#undone, this.#done);
  }

  #turn(from, onto) {
    const action = from.pop();
    if (!action) return "nothing";
    const inverse = action.map(inverted).reverse();
    const isPossible = inverse.every((step) => this.#isAsLeft(step));
    if (isPossible) {
      onto.push(inverse);
      for (const step of inverse) this.#send(step.kind === "add" ? this.#renewed(step) : step);
    }
    this.onChange();
    return isPossible ? "done" : "changed";
  }

  #isAsLeft(step) {
    if (step.kind === "add") return true;
    const item = this.find(step.kind === "remove" ? step.item.id : step.id);
    if (!item) return false;
    if (step.kind === "move") return isPlacedAt(item, step.from);
    if (step.kind === "edit") return looksLike(item, step.from);
    return isPlacedAt(item, step.item) && looksLike(item, step.item);
  }

  #renewed(step) {
    const old = step.item.id;
    const id = newId();
    for (const action of [...this.#done, ...this.#undone]) {
      for (const other of action) {
        if (other.id === old) other.id = id;
        if (other.item?.id === old) other.item = { ...other.item, id };
      }
    }
    return { kind: "add", item: { ...step.item, id } };
  }

  #send(step) {
    if (step.kind === "add") this.send(addition(step.item));
    if (step.kind === "remove") this.send({ kind: "item_remove", id: step.item.id });
    if (step.kind === "move") this.send({ kind: "item_move", id: step.id, ...step.to });
    if (step.kind === "edit") this.send({ kind: "item_edit", id: step.id, ...changed(step) });
  }
}

function changed({ from, to }) {
  return Object.fromEntries(Object.entries(looks(to)).filter(([field, value]) => value !== from[field]));
}

function inverted(step) {
  if (step.kind === "add") return { kind: "remove", item: step.item };
  if (step.kind === "remove") return { kind: "add", item: step.item };
  return { kind: step.kind, id: step.id, from: step.to, to: step.from };
}
