// The words of the room, translated by the server: <template id="room-words"><i data-word="joined">{name} joined.</i>…

const known = new Map();

/** Read the words of the page. */
export function readWords() {
  for (const element of document.getElementById("room-words").content.querySelectorAll("[data-word]")) {
    known.set(element.dataset.word, element.textContent.trim());
  }
}

/** Return a sentence with its {values} filled in. A missing one is a mistake of ours and shows as its own name. */
export function say(word, values = {}) {
  const text = known.get(word) ?? word;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
