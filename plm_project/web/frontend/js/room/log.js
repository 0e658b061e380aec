// The server's order: every update is applied once, number by number, however it comes in.

export class Log {
  #early = new Map(); // number → update that came before its predecessors

  /** last: the number that the page already shows. apply(entry): take over the next one. */
  constructor(last, apply) {
    this.last = last;
    this.apply = apply;
  }

  get hasGap() {
    return this.#early.size > 0;
  }

  /** Take an update in; one that is known is dropped, one that is early waits. */
  take(entry) {
    if (entry.sequence <= this.last) return;
    this.#early.set(entry.sequence, entry);
    this.#drain();
  }

  /** The whole state was replaced by the one at number last. */
  restart(last) {
    this.last = last;
    for (const number of this.#early.keys()) if (number <= last) this.#early.delete(number);
    this.#drain();
  }

  #drain() {
    for (let next = this.last + 1; this.#early.has(next); next += 1) {
      const entry = this.#early.get(next);
      this.#early.delete(next);
      this.last = next;
      this.apply(entry);
    }
  }
}
