// What the browser keeps for this room and this person: unsent updates in the tab, what was read in the browser.
// Storage can be forbidden or full; then nothing is kept, and nothing breaks.

export class Kept {
  constructor(storage, name) {
    this.name = name;
    this.storage = storage;
  }

  read(fallback) {
    try {
      const text = this.storage().getItem(this.name);
      return text === null ? fallback : JSON.parse(text);
    } catch {
      return fallback; // forbidden, or not ours
    }
  }

  write(value) {
    try {
      this.storage().setItem(this.name, JSON.stringify(value));
    } catch {
      // Forbidden or full: it lives as long as the page.
    }
  }
}

/** Return a place that lives as long as the tab. */
export const inTab = (name) => new Kept(() => window.sessionStorage, name);

/** Return a place that outlives the tab. */
export const inBrowser = (name) => new Kept(() => window.localStorage, name);
