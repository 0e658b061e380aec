// Taking the board along: as a picture or as a table.

import { asCsv, asPng, boardAsSvg } from "./board_drawing.js";
import { momentOf } from "./times.js";
import { say } from "./words.js";

function save(blob, name) {
  const address = URL.createObjectURL(blob);
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function table(items) {
  const head = ["type", "text", "color", "x", "y", "by"].map((name) => say(`column_${name}`));
  const rows = items.map((item) => [
    say(`type_${item.type}`), item.text, say(`color_${item.color}`), item.x, item.y, item.user_name,
  ]);
  return `\ufeff${asCsv([head, ...rows])}\r\n`; // the mark lets spreadsheets read the letters right
}

/** Set up the buttons [data-download=svg | png | csv]. */
export function setUpDownloads(root, room) {
  const name = room.title.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "board";
  const svg = () => boardAsSvg([...room.items.values()], `${room.title} · ${momentOf(new Date())}`);
  const makers = {
    svg: async () => new Blob([svg()], { type: "image/svg+xml" }),
    png: () => asPng(svg()),
    csv: async () => new Blob([table([...room.items.values()])], { type: "text/csv" }),
  };
  for (const button of root.querySelectorAll("[data-download]")) {
    const kind = button.dataset.download;
    button.addEventListener("click", async () => {
      save(await makers[kind](), `${name}.${kind}`);
      button.closest("details").open = false;
    });
  }
}
