// Keeps a list of elements equal to a list of things, touching only what differs, so that focus and scrolling stay.

/** make(thing) → element; update(element, thing, isNew); key(thing) → text. */
export function drawList(parent, things, { key, make, update }) {
  const before = new Map(Array.from(parent.children, (element) => [element.dataset.key, element]));
  let place = parent.firstElementChild;
  for (const thing of things) {
    const name = key(thing);
    let element = before.get(name);
    const isNew = !element;
    if (isNew) {
      element = make(thing);
      element.dataset.key = name;
    }
    before.delete(name);
    update(element, thing, isNew);
    if (element === place) place = place.nextElementSibling;
    else parent.insertBefore(element, place);
  }
  for (const element of before.values()) element.remove();
}

/** Return an element: make("p", {class: "muted"}, "text", child, …). Text is text, never markup. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Return an icon of the sprite. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${document.getElementById("room").dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}

/** Set a text only where it differs: live regions read out every change. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
