// Moving one item: by mouse or finger, or with the arrow keys. Shown at once, sent at most ten times a second, and
// the last place always. One movement is one step for undo.

import { isPlacedAt, onBoard, place } from "./items.js";
import { say } from "./words.js";

const SEND_EVERY = 100; // milliseconds
const SLACK = 4; // pixels before a press becomes a drag
const SETTLED_AFTER = 1200; // milliseconds without a key
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEP = 10;

export class Mover {
  #id = null;
  #from = null;
  #now = null;
  #sent = null;
  #timer = null;

  constructor(room, view, undo) {
    Object.assign(this, { room, view, undo });
    room.addEventListener("board", () => this.#id && !room.items.has(this.#id) && this.#forget());
    room.addEventListener("state", () => !room.mayWrite && this.cancel());
  }

  get id() {
    return this.#id;
  }

  get now() {
    return this.#now;
  }

  begin(id) {
    if (this.#id === id) return;
    this.finish();
    const item = this.room.items.get(id);
    if (!item) return;
    this.#id = id;
    this.#from = this.#now = this.#sent = place(item);
  }

  to(x, y) {
    if (!this.#id) return;
    this.#now = { x: onBoard(x), y: onBoard(y) };
    this.view.hold(this.#id, this.#now);
    this.#timer ??= window.setTimeout(() => {
      this.#timer = null;
      this.#send();
    }, SEND_EVERY);
  }

  finish() {
    if (!this.#id) return;
    this.#send();
    const [id, from, to] = [this.#id, this.#from, this.#now];
    this.#forget();
    if (isPlacedAt(from, to)) return;
    this.undo.remember([{ kind: "move", id, from, to }]);
    this.room.announce(say("moved_to", to));
  }

  /** Back to where it came from. */
  cancel() {
    if (!this.#id) return;
    this.#now = this.#from;
    this.#send();
    this.#forget();
    this.room.announce(say("move_cancelled"));
  }

  #send() {
    if (isPlacedAt(this.#sent, this.#now)) return;
    this.#sent = this.#now;
    this.room.send({ kind: "item_move", id: this.#id, ...this.#now });
  }

  #forget() {
    const id = this.#id;
    window.clearTimeout(this.#timer);
    this.#timer = this.#id = null;
    this.view.hold(id, null);
  }
}

/** Drag by mouse or finger. A press that went nowhere stays a click. */
export function setUpDragging(room, view, mover) {
  let press = null;
  let wasDragged = false;

  view.list.addEventListener("pointerdown", (event) => {
    const id = view.idOf(event.target);
    wasDragged = false;
    if (!id || !room.mayWrite || event.button !== 0) return;
    const button = view.buttonOf(id);
    press = { id, button, pointer: event.pointerId, x: event.clientX, y: event.clientY, units: view.unitsPerPixel(button) };
  });
  view.list.addEventListener("pointermove", (event) => {
    if (event.pointerId !== press?.pointer) return;
    const [across, down] = [event.clientX - press.x, event.clientY - press.y];
    if (!press.start) {
      if (Math.hypot(across, down) < SLACK) return;
      mover.begin(press.id);
      press.start = mover.now;
      press.button.setPointerCapture(press.pointer);
      wasDragged = true;
    }
    if (mover.id === press.id) mover.to(press.start.x + across * press.units.x, press.start.y + down * press.units.y);
  });
  const release = (end) => (event) => {
    if (event.pointerId !== press?.pointer) return;
    if (press.start) end();
    press = null;
  };
  view.list.addEventListener("pointerup", release(() => mover.finish()));
  view.list.addEventListener("pointercancel", release(() => mover.cancel()));
  view.list.addEventListener(
    "click",
    (event) => {
      if (!wasDragged || event.detail === 0) return;
      wasDragged = false;
      event.stopPropagation();
    },
    true,
  );
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !press?.start) return;
    press = null;
    mover.cancel();
  });
}

/** Arrows move by 10, with Shift by 1; Escape takes the movement back. */
export function setUpArrows(room, view, mover) {
  let timer = null;
  const settle = () => {
    window.clearTimeout(timer);
    mover.finish();
  };
  view.list.addEventListener("keydown", (event) => {
    const id = view.idOf(event.target);
    const arrow = ARROWS[event.key];
    if (event.key === "Escape" && mover.id === id) {
      window.clearTimeout(timer);
      mover.cancel();
    }
    if (!id || !arrow || !room.mayWrite || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    mover.begin(id);
    const step = event.shiftKey ? 1 : STEP;
    if (mover.id === id) mover.to(mover.now.x + arrow[0] * step, mover.now.y + arrow[1] * step);
    window.clearTimeout(timer);
    timer = window.setTimeout(settle, SETTLED_AFTER);
  });
  view.list.addEventListener("focusout", settle);
}
