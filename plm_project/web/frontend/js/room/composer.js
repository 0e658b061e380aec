// Writing a message: Enter sends, Shift+Enter begins a line, "@" calls somebody. The draft stays in the tab.

import { inTab } from "./kept.js";
import { MentionPicker } from "../mention_picker.js";
import { mentionsIn } from "./mentions.js";
import { avatar } from "./people.js";
import { say } from "./words.js";

const TALLEST = 160; // pixels; then the box scrolls
const SHOWN = 8;

/** Set up the form of the chat. */
export function setUpComposer(room, view, form) {
  const box = form.querySelector("textarea");
  const picker = new MentionPicker(box, form.querySelector("[role=listbox]"), {
    find: (written) => others(room, written.toLocaleLowerCase()),
    show: ({ id, name }) => [avatar(name, id), name],
    announce: (count) => room.announce(say("mention_open", { count })),
  });
  const draft = inTab(`plm.room.draft.${room.id}.${room.me.user_id}`);

  const fit = () => {
    box.style.height = "auto";
    box.style.height = `${Math.min(TALLEST, box.scrollHeight + 2)}px`;
  };
  const put = (text) => {
    box.value = text;
    draft.write(text);
    fit();
  };
  const send = () => {
    const text = box.value.trim();
    if (!text || !room.mayWrite) return;
    const mentions = mentionsIn(text, room.people, picker.picked);
    room.send(mentions.length ? { kind: "chat", text, mentions } : { kind: "chat", text });
    picker.picked.clear();
    put("");
    view.answered();
  };

  box.addEventListener("input", () => {
    draft.write(box.value);
    fit();
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || picker.takes(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
    box.focus();
  });
  room.addEventListener("returned", ({ detail }) => put(box.value ? `${detail}\n${box.value}` : detail));
  put(draft.read(""));
}

function others(room, wanted) {
  return [...room.people.values()]
    .filter((person) => person.user_id !== room.me.user_id && person.user_name.toLocaleLowerCase().includes(wanted))
    .slice(0, SHOWN)
    .map((person) => ({ id: person.user_id, name: person.user_name, call: person.user_name }));
}
