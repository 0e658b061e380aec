// The parts of a model: the named nodes as a list, and the BOM line that a name stands for.

const MOST = 2000; // entries; a longer list helps nobody

/** Return a node's name as its author wrote it (the glTF reader changes some characters in `name`). */
export const nameOf = (node) => String(node.userData?.name ?? node.name ?? "").trim();

/** Return whether a node, or anything below it, is drawn. */
function isDrawn(node) {
  let drawn = false;
  node.traverse((below) => { drawn ||= below.isMesh === true; });
  return drawn;
}

/** Return the named nodes as [{ node, name, children }], the unnamed ones left out. */
export function namedTree(root) {
  let count = 0;
  const below = (node) => node.children.flatMap((child) => {
    if (!isDrawn(child)) return [];
    const name = nameOf(child);
    const children = below(child);
    if (!name || count >= MOST) return children;
    count += 1;
    // A node and its only mesh often carry the same name: one entry.
    const same = children.length === 1 && children[0].name === name ? children[0].children : children;
    return [{ node: child, name, children: same }];
  });
  return below(root);
}

const plain = (text) => text.toLowerCase().replace(/[\s_]+/g, " ").replace(/(:\d+|\.\d{3})$/, "").trim();

/**
 * Return a function from a node's name to the part it stands for: the name is the product's number or name, or begins
 * with the number ("213-000172_HOOK_LIFT"). Counters that CAD systems add (":1", ".001") do not matter.
 */
export function matcher(parts) {
  const exact = new Map();
  for (const part of parts) {
    for (const key of [part.product_name, part.product_number]) exact.set(plain(key), part);
  }
  const byLength = [...parts].sort((a, b) => b.product_number.length - a.product_number.length);
  return (name) => {
    const text = plain(name);
    if (!text) return null;
    const found = exact.get(text);
    if (found) return found;
    return byLength.find((part) => {
      const number = plain(part.product_number);
      return text.startsWith(number) && !/[a-z0-9]/.test(text.charAt(number.length));
    }) ?? null;
  };
}

/** Draw the list of parts; `choose(entry)` when one is pressed. Up and down arrows walk through it. */
export function drawTree(list, entries, choose) {
  const rows = new Map();
  const draw = (into, items) => {
    for (const entry of items) {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = entry.name;
      button.setAttribute("aria-pressed", "false");
      button.addEventListener("click", () => choose(entry.node));
      item.append(button);
      rows.set(entry.node, button);
      if (entry.children.length) {
        const nested = document.createElement("ul");
        draw(nested, entry.children);
        item.append(nested);
      }
      into.append(item);
    }
  };
  draw(list, entries);
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const buttons = [...list.querySelectorAll("button")];
    const next = step && buttons[buttons.indexOf(document.activeElement) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
  return rows;
}
