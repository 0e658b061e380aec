// Text boxes in which people are called by name: <textarea data-mentions="/address/of/people/">. The server finds them.

import { MentionPicker } from "./mention_picker.js";

const REST = 150; // milliseconds without a letter before the server is asked
let made = 0;

/** Set up the boxes of the page, also those that come later. */
export function setUpMentions() {
  document.addEventListener("focusin", ({ target }) => {
    if (target.matches?.("textarea[data-mentions]:not([aria-controls])")) setUp(target);
  });
}

function setUp(box) {
  const place = document.createElement("div");
  place.className = "mention-place";
  place.innerHTML = '<p class="visually-hidden" aria-live="polite"></p><ul class="mentions" role="listbox" hidden></ul>';
  const [said, list] = place.children;
  list.id = `mentions-${(made += 1)}`;
  list.setAttribute("aria-label", box.dataset.mentionsLabel);
  for (const [name, value] of [["controls", list.id], ["autocomplete", "list"], ["haspopup", "listbox"]]) {
    box.setAttribute(`aria-${name}`, value);
  }
  box.after(place);
  const picker = new MentionPicker(box, list, {
    find: finder(box.dataset.mentions),
    show: ({ name, mail }) => [part("", name), part("muted", mail)],
    announce: (count) => (said.textContent = box.dataset.mentionsSaid.replace("{count}", count)),
  });
  box.addEventListener("keydown", (event) => event.isComposing || picker.takes(event));
}

function part(style, text) {
  const element = document.createElement("span");
  element.className = style;
  element.textContent = text;
  return element;
}

/** Return who asks the server once it is quiet, and remembers its answers. Without an answer nobody is offered. */
function finder(address) {
  const known = new Map();
  let timer = 0;
  return (written) => {
    window.clearTimeout(timer);
    if (known.has(written)) return known.get(written);
    if ([...known].some(([shorter, people]) => !people.length && written.startsWith(shorter))) return [];
    return new Promise((resolve) => {
      timer = window.setTimeout(async () => {
        const found = await fetch(`${address}?${new URLSearchParams({ q: written })}`)
          .then((answer) => (answer.ok && !answer.redirected ? answer.json() : null))
          .catch(() => null);
        if (found) known.set(written, found.people);
        resolve(found?.people ?? []);
      }, REST);
    });
  };
}
