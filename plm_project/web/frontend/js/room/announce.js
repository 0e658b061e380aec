// What is said to screen readers, without chatter: comings and goings are gathered, and who came and went at once
// (a weak line) is not mentioned at all.

import { say } from "./words.js";

const GATHER = 2500; // milliseconds
const NAMED = 3; // more people than that are a number

/** Speak what the room announces into its live region. */
export function setUpAnnouncements(room, region) {
  const moved = new Map();
  let timer = null;

  const speak = (text) => {
    const line = document.createElement("p");
    line.textContent = text;
    region.replaceChildren(line);
  };
  const sentence = (what) => {
    const names = [...moved.values()].filter((entry) => entry.what === what).map((entry) => entry.name);
    if (!names.length) return "";
    if (names.length > NAMED) return say(`${what}_many`, { count: names.length });
    return say(what, { name: names.join(", ") });
  };
  const tell = () => {
    timer = null;
    const text = [sentence("joined"), sentence("left")].filter(Boolean).join(" ");
    moved.clear();
    if (text) speak(text);
  };
  room.addEventListener("moved", ({ detail }) => {
    const before = moved.get(detail.id);
    if (before && before.what !== detail.what) moved.delete(detail.id);
    else moved.set(detail.id, detail);
    timer ??= window.setTimeout(tell, GATHER);
  });
  room.addEventListener("announce", ({ detail }) => speak(detail));
}
