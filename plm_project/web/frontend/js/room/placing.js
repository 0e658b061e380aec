// Placing a new item: the tool button puts a ghost on the board. A click or tap beside it, or arrows and Enter on it,
// choose the place; Escape or the button again gives up.

import { onBoard } from "./items.js";
import { putAt } from "./board_view.js";
import { say } from "./words.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEP = 10;
const TRIED = [500, 250, 750, 0, 1000]; // where a ghost may stand without covering what is there

/** Set up the tool buttons [data-place=note | pin]. chosen(type, place): the person has chosen. */
export function setUpPlacing(root, room, view, chosen) {
  const tools = root.querySelectorAll("[data-place]");
  const ghost = root.querySelector("[data-ghost]");
  let type = null;
  let at = null;

  const put = (place) => {
    at = { x: onBoard(place.x), y: onBoard(place.y) };
    putAt(ghost.parentElement, at);
  };
  const stop = () => {
    type = null;
    ghost.parentElement.hidden = true;
    view.board.classList.remove("is-placing");
    for (const tool of tools) tool.setAttribute("aria-pressed", "false");
  };
  const choose = () => {
    const [wanted, place] = [type, at];
    stop();
    chosen(wanted, place);
  };
  const begin = (tool) => {
    type = tool.dataset.place;
    for (const other of tools) other.setAttribute("aria-pressed", String(other === tool));
    ghost.className = `item item-${type} ghost`;
    ghost.setAttribute("aria-label", say(`place_${type}`));
    ghost.parentElement.hidden = false;
    view.board.classList.add("is-placing");
    put(freePlace(room.items));
    ghost.focus();
  };

  for (const tool of tools) {
    tool.addEventListener("click", () => (type === tool.dataset.place ? stop() : begin(tool)));
  }
  ghost.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (event.key === "Escape") {
      const tool = root.querySelector(`[data-place="${type}"]`);
      stop();
      tool.focus();
    }
    if (!arrow) return;
    event.preventDefault();
    const step = event.shiftKey ? 1 : STEP;
    put({ x: at.x + arrow[0] * step, y: at.y + arrow[1] * step });
    room.announce(say("ghost_at", at));
  });
  view.board.addEventListener("pointermove", (event) => {
    if (type && event.pointerType === "mouse") put(view.placeUnder(event, ghost));
  });
  view.board.addEventListener("click", (event) => {
    if (!type) return;
    if (event.detail > 0) put(view.placeUnder(event, ghost)); // 0: Enter on the ghost
    choose();
  });
  room.addEventListener("state", () => !room.mayWrite && stop());
}

function freePlace(items) {
  const taken = [...items.values()];
  const isFree = ({ x, y }) => !taken.some((item) => Math.abs(item.x - x) < 240 && Math.abs(item.y - y) < 200);
  const places = TRIED.flatMap((y) => TRIED.map((x) => ({ x, y })));
  return places.find(isFree) ?? places[0];
}
