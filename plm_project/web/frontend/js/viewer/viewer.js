// One viewer: loads the model, connects mouse, touch, keys and buttons, names the part that was picked.
import { fetchBytes, modelOf } from "./load.js";
import { drawTree, matcher, nameOf, namedTree } from "./parts.js";
import { hasWebGL, Stage } from "./scene.js";

const KEYS = {
  ArrowLeft: (stage) => stage.turn(-1, 0),
  ArrowRight: (stage) => stage.turn(1, 0),
  ArrowUp: (stage) => stage.turn(0, -1),
  ArrowDown: (stage) => stage.turn(0, 1),
  "+": (stage) => stage.zoom(1),
  "=": (stage) => stage.zoom(1),
  "-": (stage) => stage.zoom(-1),
  0: (stage) => stage.fit(),
};
const STILL = 5; // pixels a finger may tremble and still pick

export async function start(element) {
  const find = (name) => element.querySelector(`[data-viewer-${name}]`);
  const say = (state, text) => {
    element.dataset.state = state;
    find("status").textContent = text ?? "";
  };
  const words = element.dataset;
  if (!hasWebGL()) return say("failed", words.textNoWebgl);
  say("loading", words.textLoading);
  try {
    const bytes = await fetchBytes(words.src, (share) => {
      const bar = find("progress");
      if (share === null) bar.removeAttribute("value");
      else bar.value = share;
    });
    say("loading", words.textReading);
    await new Promise((resolve) => setTimeout(resolve)); // let the words appear: reading keeps the page busy
    const found = await modelOf(bytes, words.kind);
    const parts = words.parts ? await partsOf(words.parts) : [];
    element.dataset.state = "ready";
    connect(element, find, found, parts);
    say("ready", "");
  } catch (error) {
    console.info("The model cannot be shown.", error);
    say("failed", words.textFailed);
  }
}

async function partsOf(url) {
  const answer = await fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" } });
  return answer.ok ? (await answer.json()).parts : [];
}

function connect(element, find, found, parts) {
  const canvas = find("stage");
  const stage = new Stage(canvas);
  const partOf = matcher(parts);
  const tree = namedTree(found.model);
  let rows = new Map();

  const pick = (node) => {
    for (const [row, button] of rows) button.setAttribute("aria-pressed", String(row === node));
    rows.get(node)?.scrollIntoView({ block: "nearest" });
    stage.highlight(node);
    showPart(element, find, node, partOf);
  };
  rows = drawTree(find("tree"), tree, pick);
  find("tree-box").hidden = tree.length === 0;

  stage.show(found);
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") return pick(null);
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act(stage);
  });
  let pressed = null;
  canvas.addEventListener("pointerdown", (event) => { pressed = event; canvas.focus({ preventScroll: true }); });
  canvas.addEventListener("pointerup", (event) => {
    if (!pressed || Math.hypot(event.clientX - pressed.clientX, event.clientY - pressed.clientY) > STILL) return;
    pick(named(stage.hit(event), found.model, rows));
  });
  connectButtons(element, find, stage);
}

/** Return the nearest node with an entry in the list, from a drawn node upwards; else the drawn node itself. */
function named(node, top, rows) {
  for (let at = node; at && at !== top; at = at.parent) if (rows.has(at)) return at;
  return node;
}

function connectButtons(element, find, stage) {
  const acts = {
    left: () => stage.turn(-1, 0), right: () => stage.turn(1, 0), up: () => stage.turn(0, -1), down: () => stage.turn(0, 1),
    closer: () => stage.zoom(1), farther: () => stage.zoom(-1), fit: () => stage.fit(),
  };
  element.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.act) acts[button.dataset.act]();
    if (button.dataset.view) stage.view(button.dataset.view);
    if (button.dataset.toggle === "wireframe") stage.wireframe(toggled(button));
    if (button.dataset.toggle === "cut") {
      const on = toggled(button);
      find("cut").hidden = !on;
      stage.cut(on ? Number(find("cut").querySelector("input").value) / 100 : null);
    }
  });
  find("cut").querySelector("input").addEventListener("input", (event) => stage.cut(Number(event.target.value) / 100));
}

function toggled(button) {
  const on = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(on));
  return on;
}

/** Show the BOM line that a node, or one above it, stands for; text alone, never markup from a file. */
function showPart(element, find, node, partOf) {
  const box = find("part");
  box.hidden = node === null;
  if (node === null) return;
  let part = null;
  for (let at = node; at && !part; at = at.parent) part = partOf(nameOf(at));
  const fill = (name, text) => {
    const slot = box.querySelector(`[data-part-${name}]`);
    slot.textContent = text;
    slot.closest("[data-part-row]")?.toggleAttribute("hidden", !text);
  };
  fill("node", nameOf(node) || element.dataset.textUnnamed);
  box.querySelector("[data-part-line]").hidden = !part;
  box.querySelector("[data-part-none]").hidden = Boolean(part);
  if (!part) return;
  const link = box.querySelector("[data-part-number]");
  link.textContent = part.product_number;
  link.href = part.url;
  fill("name", part.product_name);
  fill("find", part.find_number ? String(part.find_number) : "");
  fill("quantity", part.quantity ? `${part.quantity} ${part.unit_of_measure}` : "");
  fill("parent", part.parent_number ?? "");
}
