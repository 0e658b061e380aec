// What we did and the server has not stored yet, in our order. Kept in the tab, so that a reload or a lost line loses
// nothing; each update has a request id of its own, so that sending it again stores nothing twice.

import { newId } from "./ids.js";

const PER_SECOND = 12; // the server takes 20; dragging and typing share it with catching up
const AT_ONCE = 16;
const BREATHER = 1500; // milliseconds of silence after "too many"

export class Outbox {
  #allowance = AT_ONCE;
  #counted = performance.now();
  #timer = null;
  #isReady = false;

  /** kept: where it lives. send(request, update): whether it went out. onChange(). */
  constructor({ kept, send, onChange }) {
    Object.assign(this, { kept, send, onChange });
    this.entries = kept.read([]).map(({ request, update }) => ({ request, update, wasTried: true, isSent: false }));
  }

  get updates() {
    return this.entries.map((entry) => entry.update);
  }

  /** Add an update and send it when the line is ready. A move that never went out is replaced by the next one. */
  add(update) {
    const before = this.entries.findLast((entry) => entry.update.id && entry.update.id === update.id);
    if (update.kind === "item_move" && before?.update.kind === "item_move" && !before.wasTried) before.update = update;
    else this.entries.push({ request: newId(), update, wasTried: false, isSent: false });
    this.#changed();
    this.#pump();
  }

  /** The server has joined us: everything that it has not acknowledged goes out (again). */
  ready() {
    this.#isReady = true;
    for (const entry of this.entries) entry.isSent = false;
    this.#pump();
  }

  /** The line is gone. */
  pause() {
    this.#isReady = false;
  }

  /** Stored, or refused: forget it. Returns its update. */
  settle(request) {
    const found = this.entries.find((entry) => entry.request === request);
    if (!found) return null;
    this.entries = this.entries.filter((entry) => entry !== found);
    this.#changed();
    return found.update;
  }

  find(request) {
    return this.entries.find((entry) => entry.request === request)?.update ?? null;
  }

  /** Nothing of it will ever be stored. */
  clear() {
    this.entries = [];
    this.#changed();
  }

  /** The server wants us to slow down. */
  breathe(request) {
    const found = this.entries.find((entry) => entry.request === request);
    if (found) found.isSent = false;
    this.#allowance = 0;
    this.#again(BREATHER);
  }

  #pump() {
    if (!this.#isReady) return;
    for (const entry of this.entries) {
      if (entry.isSent) continue;
      if (!this.#take()) {
        this.#again(1000 / PER_SECOND);
        return;
      }
      if (!this.send(entry.request, entry.update)) return;
      entry.isSent = entry.wasTried = true;
    }
  }

  #take() {
    const moment = performance.now();
    this.#allowance = Math.min(AT_ONCE, this.#allowance + ((moment - this.#counted) * PER_SECOND) / 1000);
    this.#counted = moment;
    if (this.#allowance < 1) return false;
    this.#allowance -= 1;
    return true;
  }

  #again(pause) {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#pump(), pause);
  }

  #changed() {
    this.kept.write(this.entries.map(({ request, update }) => ({ request, update })));
    this.onChange();
  }
}
