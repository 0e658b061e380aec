// The state of the line, what is unsent, and whether one may write: said in words, and shown by what is there.

import { make, setText } from "./keyed.js";
import { say } from "./words.js";

const ENDS = ["signed_out", "removed", "missing"];
const TONES = { connected: "success", open: "neutral", connecting: "neutral", waiting: "warning" };
const PATIENCE = 1200; // milliseconds: shorter losses and acknowledgements are nobody's business

function reasonFor(room) {
  if (room.status === "ended") return say("why_ended");
  if (room.role === "viewer") return say("why_viewer");
  return room.status === "scheduled" ? say("why_scheduled") : "";
}

function drawEnd(place, line) {
  if (!ENDS.includes(line) || place.childElementCount) return;
  const link = line === "signed_out" ? place.dataset.signIn : place.dataset.list;
  place.append(
    make(
      "div",
      { class: "note note-danger", role: "alert" },
      make(
        "div",
        { class: "note-body" },
        make("p", { class: "note-title" }, say(`end_${line}`)),
        make("p", {}, say(`end_${line}_more`), " ", make("a", { href: link }, say(`end_${line}_link`))),
      ),
    ),
  );
}

/** Keep the status line, the controls and the reasons. */
export function setUpStatus(root, room) {
  const line = root.querySelector("[data-line]");
  const unsent = root.querySelector("[data-unsent]");
  const place = root.querySelector("[data-end]");
  let timer = null;

  const drawLine = () => {
    timer = null;
    const state = room.line;
    line.className = `state state-${TONES[state] ?? "danger"}`;
    line.dataset.line = state;
    setText(line, say(`line_${state}`));
    setText(unsent, room.outbox.entries.length ? say("unsent", { count: room.outbox.entries.length }) : "");
    unsent.hidden = !room.outbox.entries.length;
  };
  const draw = () => {
    const isCalm = room.line === "connected" && !room.outbox.entries.length;
    if (isCalm || room.isOver) {
      window.clearTimeout(timer);
      drawLine();
    } else timer ??= window.setTimeout(drawLine, PATIENCE);
    drawEnd(place, room.line);
    root.dataset.mode = room.mayWrite ? "write" : "read";
    for (const element of root.querySelectorAll("[data-writing]")) element.hidden = !room.mayWrite;
    for (const element of root.querySelectorAll("[data-why-not]")) {
      const reason = reasonFor(room);
      setText(element, reason);
      element.hidden = !reason || room.isOver;
    }
  };
  room.addEventListener("state", draw);
  draw();
  drawLine();
}
