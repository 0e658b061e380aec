// Calling people by name: "@" opens a list of the participants; arrows choose, Enter or Tab takes, Escape closes.
// The text box keeps the focus (aria-activedescendant); the list is a listbox beside it.

import { avatar } from "./people.js";
import { drawList, make } from "./keyed.js";
import { say } from "./words.js";

const SHOWN = 8;
const STARTED = /(?:^|\s)@([^@\n]{0,40})$/; // what stands before the caret: an @ at the beginning of a word

/** Return the ids of the people whose "@Name" stands in the text; picked decides between people of one name. */
export function mentionsIn(text, people, picked) {
  const named = [...people.values()].filter((person) => text.includes(`@${person.user_name}`));
  return named
    .filter((person) => {
      const same = named.filter((other) => other.user_name === person.user_name);
      return same.length === 1 || !same.some((other) => picked.has(other.user_id)) || picked.has(person.user_id);
    })
    .map((person) => person.user_id);
}

/** Cut a text into plain parts and "@Name" parts: [[text, isMention], …]. */
export function partsOf(text, names) {
  const marks = names.map((name) => `@${name}`).sort((one, other) => other.length - one.length);
  const parts = [];
  let rest = 0;
  for (let at = 0; at < text.length; ) {
    const mark = text[at] === "@" ? marks.find((entry) => text.startsWith(entry, at)) : undefined;
    if (!mark) {
      at += 1;
      continue;
    }
    if (at > rest) parts.push([text.slice(rest, at), false]);
    parts.push([mark, true]);
    at = rest = at + mark.length;
  }
  if (rest < text.length) parts.push([text.slice(rest), false]);
  return parts;
}

/** The picker of one text box. */
export class MentionPicker {
  #found = [];
  #active = 0;
  picked = new Set();

  constructor(room, box, list) {
    Object.assign(this, { room, box, list });
    box.addEventListener("input", () => this.#look());
    box.addEventListener("click", () => this.#look());
    box.addEventListener("blur", () => this.close());
    list.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.#pick(this.#found.findIndex((person) => person.user_id === option.dataset.key));
    });
  }

  get isOpen() {
    return !this.list.hidden;
  }

  /** Take a key press; return whether it was for the list. */
  takes(event) {
    if (!this.isOpen) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.#active = (this.#active + step + this.#found.length) % this.#found.length;
      this.#draw();
    } else if (event.key === "Enter" || event.key === "Tab") this.#pick(this.#active);
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    return true;
  }

  close() {
    this.list.hidden = true;
    this.box.removeAttribute("aria-activedescendant");
  }

  #look() {
    const written = STARTED.exec(this.box.value.slice(0, this.box.selectionStart))?.[1];
    const wanted = written?.toLocaleLowerCase();
    this.#found =
      wanted === undefined
        ? []
        : [...this.room.people.values()]
            .filter((person) => person.user_id !== this.room.me.user_id)
            .filter((person) => person.user_name.toLocaleLowerCase().includes(wanted))
            .slice(0, SHOWN);
    if (!this.#found.length) {
      this.close();
      return;
    }
    this.#active = 0;
    if (!this.isOpen) this.room.announce(say("mention_open", { count: this.#found.length }));
    this.list.hidden = false;
    this.#draw();
  }

  #draw() {
    drawList(this.list, this.#found, {
      key: (person) => person.user_id,
      make: (person) =>
        make("li", { role: "option", id: `mention-${person.user_id}` }, avatar(person.user_name, person.user_id), person.user_name),
      update: (element, person) => {
        const isActive = this.#found[this.#active] === person;
        element.setAttribute("aria-selected", String(isActive));
        if (!isActive) return;
        this.box.setAttribute("aria-activedescendant", element.id);
        element.scrollIntoView({ block: "nearest" });
      },
    });
  }

  #pick(index) {
    const person = this.#found[index];
    const caret = this.box.selectionStart;
    const before = this.box.value.slice(0, caret).replace(/@[^@\n]*$/, "");
    this.picked.add(person.user_id);
    this.box.setRangeText(`@${person.user_name} `, before.length, caret, "end");
    this.close();
    this.box.dispatchEvent(new Event("input"));
  }
}
