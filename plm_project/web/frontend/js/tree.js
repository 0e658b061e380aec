// The tree table (role=treegrid): opens level by level, moves by keys with one row in the tab order.
//
// Right opens a row or goes into it, Left closes it or goes to its parent, Up/Down/Home/End move, Enter follows the
// row's link. The rows are flat; data-level tells the depth. Rows below a closed one carry the attribute hidden.

const level = (row) => Number(row.dataset.level);
const isOpen = (row) => row.getAttribute("aria-expanded") === "true";
const canOpen = (row) => row.hasAttribute("aria-expanded");
const toggleOf = (row) => row.querySelector("[data-tree-toggle]");

function* below(row) {
  for (let next = row.nextElementSibling; next && level(next) > level(row); next = next.nextElementSibling) yield next;
}

function parentOf(row) {
  let above = row.previousElementSibling;
  while (above && level(above) >= level(row)) above = above.previousElementSibling;
  return above;
}

/** Show what lies below an open row, except under rows that are closed themselves; hide what lies below a closed one. */
function refresh(row) {
  let closedAt = isOpen(row) ? Infinity : level(row);
  for (const child of below(row)) {
    if (level(child) <= closedAt) closedAt = Infinity;
    child.hidden = level(child) > closedAt;
    if (!child.hidden && canOpen(child) && !isOpen(child)) closedAt = level(child);
  }
}

function setOpen(row, open) {
  row.setAttribute("aria-expanded", String(open));
  refresh(row);
}

async function expand(htmx, row) {
  const { treeUrl } = toggleOf(row)?.dataset ?? {};
  const hasRows = !below(row).next().done;
  if (!hasRows && treeUrl && !row.dataset.loading) {
    row.dataset.loading = "true";
    row.classList.add("htmx-request");
    try {
      await htmx.ajax("GET", treeUrl, { source: row, target: row, swap: "afterend" });
    } finally {
      delete row.dataset.loading;
      row.classList.remove("htmx-request");
    }
    if (below(row).next().done) return; // refused, or nothing there: the row stays closed
  }
  setOpen(row, true);
}

const toggle = (htmx, row) => (isOpen(row) ? setOpen(row, false) : expand(htmx, row));

function focusRow(row) {
  if (!row) return;
  for (const other of row.closest("table").querySelectorAll('tbody > tr[tabindex="0"]')) other.tabIndex = -1;
  row.tabIndex = 0;
  row.focus();
}

function visibleRows(table) {
  return [...table.querySelectorAll("tbody > tr:not([hidden])")];
}

function move(htmx, row, key) {
  const rows = visibleRows(row.closest("table"));
  const at = rows.indexOf(row);
  switch (key) {
    case "ArrowDown":
      return focusRow(rows[at + 1]);
    case "ArrowUp":
      return focusRow(rows[at - 1]);
    case "Home":
      return focusRow(rows[0]);
    case "End":
      return focusRow(rows.at(-1));
    case "ArrowRight":
      if (!canOpen(row)) return undefined;
      return isOpen(row) ? focusRow(rows[at + 1]) : expand(htmx, row);
    case "ArrowLeft":
      return canOpen(row) && isOpen(row) ? setOpen(row, false) : focusRow(parentOf(row));
    default:
      return undefined;
  }
}

const KEYS = new Set(["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "Home", "End"]);

function prepare(table) {
  for (const row of table.querySelectorAll("tbody > tr:not([tabindex])")) row.tabIndex = -1;
  for (const link of table.querySelectorAll("[data-tree-toggle]:not([tabindex])")) link.tabIndex = -1;
  if (!table.querySelector('tbody > tr[tabindex="0"]')) {
    const first = visibleRows(table)[0];
    if (first) first.tabIndex = 0;
  }
}

/** Set up every tree table, also those that htmx brings later. */
export function setUpTrees(htmx) {
  const prepareAll = () => document.querySelectorAll("table.tree").forEach(prepare);
  prepareAll();
  document.addEventListener("htmx:afterSettle", prepareAll);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-tree-toggle]");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const row = link.closest("tr");
    focusRow(row);
    toggle(htmx, row);
  });
  document.addEventListener("keydown", (event) => {
    const row = event.target;
    if (!(row instanceof HTMLTableRowElement) || !row.closest("table.tree")) return;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (KEYS.has(event.key)) {
      event.preventDefault();
      move(htmx, row, event.key);
    } else if (event.key === "Enter") {
      row.querySelector("a[href]:not([data-tree-toggle])")?.click();
    } else if (event.key === " " && canOpen(row)) {
      event.preventDefault();
      toggle(htmx, row);
    }
  });
}
