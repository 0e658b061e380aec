// Who takes part, and who of them is here: a word and a mark, never the colour alone.

import { drawList, make, setText } from "./keyed.js";
import { say } from "./words.js";

/** Return up to two initials of a name or address. */
export function initialsOf(name) {
  const words = name.split("@")[0].split(/[\s._-]+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  return letters.map((word) => [...word][0].toUpperCase()).join("") || "?";
}

/** Return the round mark with somebody's initials; the name stands beside it. */
export function avatar(name, id) {
  const tint = [...id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 6;
  return make("span", { class: `avatar avatar-${tint}`, "aria-hidden": "true" }, initialsOf(name));
}

/** Keep the list of people. */
export function setUpPeople(room, list, counter) {
  const draw = () => {
    const people = [...room.people.values()].sort((one, other) => Number(other.is_here) - Number(one.is_here));
    drawList(list, people, {
      key: (person) => person.user_id,
      make: (person) =>
        make(
          "li",
          { class: "person" },
          avatar(person.user_name, person.user_id),
          make("span", { class: "person-text" }, make("span", { class: "person-name" }), make("span", { class: "person-role" })),
          make("span", { class: "presence" }),
        ),
      update: (element, person) => {
        const name = person.user_id === room.me.user_id ? say("you", { name: person.user_name }) : person.user_name;
        setText(element.querySelector(".person-name"), name);
        setText(element.querySelector(".person-role"), say(`role_${person.role}`));
        setText(element.querySelector(".presence"), say(person.is_here ? "here" : "away"));
        element.classList.toggle("is-here", person.is_here);
      },
    });
    const here = people.filter((person) => person.is_here).length;
    setText(counter, say("here_of", { here, all: people.length }));
  };
  list.replaceChildren();
  room.addEventListener("people", draw);
  draw();
}
