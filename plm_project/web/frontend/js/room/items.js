// The board as data: what an update does to a map of items. The last write of a field wins, a removed item stays away.

export const SIZE = 1000; // board coordinates go from 0 to here
export const COLORS = ["yellow", "blue", "green", "red", "grey"];

/** Return a coordinate that is on the board. */
export function onBoard(value) {
  return Math.min(SIZE, Math.max(0, Math.round(value)));
}

/** Change items (id → item) by an update; items are replaced, never changed in place. Unknown ids change nothing. */
export function applyUpdate(items, update, author) {
  const { kind, id } = update;
  if (kind === "item_add" && !items.has(id)) {
    const { type, x, y, text = "", color = "yellow" } = update;
    items.set(id, { id, type, x, y, text, color, ...author });
  }
  const item = items.get(id);
  if (!item) return;
  if (kind === "item_move") items.set(id, { ...item, x: update.x, y: update.y });
  if (kind === "item_edit") {
    items.set(id, { ...item, text: update.text ?? item.text, color: update.color ?? item.color });
  }
  if (kind === "item_remove") items.delete(id);
}

/** Return the update that places an item. */
export function addition({ id, type, x, y, text, color }) {
  return { kind: "item_add", id, type, x, y, text, color };
}

/** Return the steps from one look of an item to another: what is to be sent and can be undone. */
export function stepsBetween(before, after) {
  const { id } = before;
  const steps = [];
  if (before.text !== after.text || before.color !== after.color) {
    steps.push({ kind: "edit", id, from: looks(before), to: looks(after) });
  }
  if (before.x !== after.x || before.y !== after.y) {
    steps.push({ kind: "move", id, from: place(before), to: place(after) });
  }
  return steps;
}

export const place = ({ x, y }) => ({ x, y });
export const looks = ({ text, color }) => ({ text, color });
export const isPlacedAt = (item, { x, y }) => item.x === x && item.y === y;
export const looksLike = (item, { text, color }) => item.text === text && item.color === color;
