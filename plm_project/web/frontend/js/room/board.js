// The board with everything one can do on it: place, move, edit, remove, undo.

import { BoardView } from "./board_view.js";
import { ItemDialog } from "./item_dialog.js";
import { setUpItemList } from "./item_list.js";
import { Mover, setUpArrows, setUpDragging } from "./moving.js";
import { setUpPlacing } from "./placing.js";
import { Undo } from "./undo.js";
import { say } from "./words.js";

const isTyping = (element) => /^(input|textarea|select)$/i.test(element.tagName);

/** Set up the board. */
export function setUpBoard(root, room) {
  const view = new BoardView(root.querySelector("[data-board]"), room);
  const [back, forth] = [root.querySelector("[data-undo]"), root.querySelector("[data-redo]")];
  const drawButtons = () => {
    back.disabled = !undo.canUndo;
    forth.disabled = !undo.canRedo;
  };
  const undo = new Undo({ find: (id) => room.items.get(id), send: (update) => room.send(update), onChange: drawButtons });
  const mover = new Mover(room, view, undo);
  const dialog = new ItemDialog(room, undo, document.getElementById("item-dialog"), {
    onPlaced: (id) => view.focusOn(id),
    onGivenUp: (type) => root.querySelector(`[data-place="${type}"]`).focus(),
  });

  const turn = (direction) => {
    if (!room.mayWrite) return;
    mover.finish();
    const outcome = undo[direction]();
    if (outcome === "changed") room.notify(say("undo_changed"));
    else room.announce(say(`${direction}_${outcome}`));
  };
  back.addEventListener("click", () => turn("undo"));
  forth.addEventListener("click", () => turn("redo"));
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || isTyping(event.target)) return;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    turn(key === "y" || event.shiftKey ? "redo" : "undo");
  });

  setUpDragging(room, view, mover);
  setUpArrows(room, view, mover);
  setUpPlacing(root, room, view, (type, place) => dialog.place(type, place));
  view.list.addEventListener("click", (event) => {
    const id = view.idOf(event.target);
    if (!id) return;
    mover.finish();
    dialog.show(id);
  });
  view.list.addEventListener("keydown", (event) => {
    if (event.key !== "Delete" && event.key !== "Backspace") return;
    const id = view.idOf(event.target);
    if (!id || !room.mayWrite) return;
    event.preventDefault();
    const place = event.target.closest("li");
    const next = (place.nextElementSibling ?? place.previousElementSibling)?.dataset.key;
    mover.finish();
    dialog.remove(id);
    (next ? view.buttonOf(next) : root.querySelector("[data-place]")).focus();
  });
  setUpItemList(room, root.querySelector("[data-item-list]"), root.querySelector("[data-item-list-empty]"), {
    edit: (id) => dialog.show(id),
    remove: (id) => dialog.remove(id),
  });
  drawButtons();
  return view;
}
