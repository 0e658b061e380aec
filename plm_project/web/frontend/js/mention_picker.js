// Calling people by name: "@" opens a list of them; arrows choose, Enter or Tab takes, Escape closes.
// The text box keeps the focus (aria-activedescendant); the list is a listbox beside it.

// What stands before the caret: an @ at the beginning of a word, and no blank behind it.
const STARTED = /(?:^|\s)@((?:[^@\s][^@\n]{0,39})?)$/;

/**
 * The picker of one text box. find(written): the people that what was written may mean, or a promise of them, each with
 * id, name and call (what goes into the text). show(person): what stands in the list. announce(count): say that it opened.
 */
export class MentionPicker {
  #found = [];
  #active = 0;
  #asked = 0;
  #isWaiting = false; // the list answers what was written before
  #hasPicked = false;
  picked = new Set();

  constructor(box, list, { find, show, announce }) {
    Object.assign(this, { box, list, find, show, announce });
    box.addEventListener("input", () => this.#look());
    box.addEventListener("click", () => this.#look());
    box.addEventListener("blur", () => this.close());
    list.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.#pick([...list.children].indexOf(option));
    });
  }

  get isOpen() {
    return !this.list.hidden;
  }

  /** Take a key press; return whether it was for the list. */
  takes(event) {
    if (!this.isOpen) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (this.#isWaiting && (event.key === "Enter" || event.key === "Tab")) {
      this.close(); // nobody is meant who answers half of what was written
      return false;
    }
    if (step) {
      this.#active = (this.#active + step + this.#found.length) % this.#found.length;
      this.#mark();
    } else if (event.key === "Enter" || event.key === "Tab") this.#pick(this.#active);
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    return true;
  }

  close() {
    this.#asked += 1; // an answer that is still on its way opens nothing
    this.#isWaiting = false;
    this.list.hidden = true;
    this.box.removeAttribute("aria-activedescendant");
  }

  async #look() {
    const written = STARTED.exec(this.box.value.slice(0, this.box.selectionStart))?.[1];
    if (written === undefined || this.#hasPicked) {
      this.close();
      return;
    }
    const asked = (this.#asked += 1);
    const answer = this.find(written);
    this.#isWaiting = answer instanceof Promise;
    const found = this.#isWaiting ? await answer : answer;
    if (asked !== this.#asked) return; // something else was written meanwhile
    this.#isWaiting = false;
    if (!found.length) {
      this.close();
      return;
    }
    this.#found = found;
    this.#active = 0;
    this.list.replaceChildren(...found.map((person) => this.#option(person)));
    if (!this.isOpen) this.announce(found.length);
    this.list.hidden = false;
    this.#mark();
  }

  #option(person) {
    const option = document.createElement("li");
    option.setAttribute("role", "option");
    option.id = `${this.list.id}-${person.id}`;
    option.append(...this.show(person));
    return option;
  }

  #mark() {
    [...this.list.children].forEach((option, place) => {
      const isActive = place === this.#active;
      option.setAttribute("aria-selected", String(isActive));
      if (!isActive) return;
      this.box.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    });
  }

  #pick(place) {
    const person = this.#found[place];
    const caret = this.box.selectionStart;
    const before = this.box.value.slice(0, caret).replace(/@[^@\n]*$/, "");
    this.picked.add(person.id);
    this.box.setRangeText(`@${person.call} `, before.length, caret, "end");
    this.#hasPicked = true; // a name that stands there whole opens nothing
    this.box.dispatchEvent(new Event("input", { bubbles: true }));
    this.#hasPicked = false;
  }
}
