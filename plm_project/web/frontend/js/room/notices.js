// What the room has to tell everybody who looks: short notices, the same one not twice in a row.

import { showToast } from "../toasts.js";

const QUIET = 4000; // milliseconds

/** Show the room's notices. */
export function setUpNotices(room) {
  const shown = new Map();
  room.addEventListener("notice", ({ detail: { text, level } }) => {
    const moment = performance.now();
    if (moment - (shown.get(text) ?? -QUIET) < QUIET) return;
    shown.set(text, moment);
    showToast(text, level);
  });
}
