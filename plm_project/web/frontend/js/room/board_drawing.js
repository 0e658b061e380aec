// The board as a drawing of its own (SVG, from it PNG) and as a table (CSV). Light colours always: it is for paper.

import { SIZE } from "./items.js";

const [WIDTH, HEIGHT, MARGIN, HEAD] = [1200, 900, 24, 56];
const [NOTE_WIDTH, LINE, PAD, PIN] = [170, 18, 10, 22];
const FONT = "14px system-ui, sans-serif";
const FILLS = { yellow: "#fff1b8", blue: "#d6e8fb", green: "#d7f0dc", red: "#fbdcd9", grey: "#e6eaec" };
const LINES = { yellow: "#8a5a00", blue: "#1c5796", green: "#1b6437", red: "#a1231c", grey: "#46545d" };
const PIN_PATH = "M8 16s6-5.686 6-10A6 6 0 0 0 2 6c0 4.314 6 10 6 10m0-7a3 3 0 1 1 0-6 3 3 0 0 1 0 6";

const escaped = (text) =>
  text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "").replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Break a text into lines of at most width pixels; a word that is longer than that is cut. */
function wrapped(text, width, measure) {
  const lines = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const piece of paragraph.split(/(?<=\s)/).flatMap((word) => cut(word, width, measure))) {
      if (line && measure(line + piece.trimEnd()) > width) {
        lines.push(line.trimEnd());
        line = "";
      }
      line += piece;
    }
    lines.push(line.trimEnd());
  }
  return lines;
}

function cut(word, width, measure) {
  const pieces = [""];
  for (const sign of word) {
    if (pieces.at(-1) && measure(pieces.at(-1) + sign) > width) pieces.push("");
    pieces[pieces.length - 1] += sign;
  }
  return pieces;
}

function drawn(item, measure) {
  const isPin = item.type === "pin";
  const indent = isPin ? PIN : 0;
  const lines = item.text ? wrapped(item.text, NOTE_WIDTH - 2 * PAD - indent, measure) : [];
  const width = isPin && !lines.length ? PIN + 2 * PAD : NOTE_WIDTH;
  const height = Math.max(isPin ? PIN : 2 * LINE, lines.length * LINE) + 2 * PAD;
  const left = MARGIN + (item.x / SIZE) * (WIDTH - 2 * MARGIN - width);
  const top = HEAD + (item.y / SIZE) * (HEIGHT - HEAD - MARGIN - height);
  const box = `<rect width="${width}" height="${height}" rx="${isPin ? 14 : 3}" fill="${FILLS[item.color]}" stroke="${LINES[item.color]}"/>`;
  const sign = isPin ? `<path transform="translate(${PAD - 4} ${PAD})" fill="${LINES[item.color]}" d="${PIN_PATH}"/>` : "";
  const text = lines
    .map((line, row) => `<tspan x="${PAD + indent}" y="${PAD + (row + 0.75) * LINE}">${escaped(line)}</tspan>`)
    .join("");
  return `<g transform="translate(${left.toFixed(1)} ${top.toFixed(1)})">${box}${sign}<text fill="#17242c">${text}</text></g>`;
}

/** Return the board as an SVG document. */
export function boardAsSvg(items, heading) {
  const context = document.createElement("canvas").getContext("2d");
  context.font = FONT;
  const measure = (text) => context.measureText(text).width;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="14">`,
    `<title>${escaped(heading)}</title><rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="${MARGIN}" y="34" font-size="18" font-weight="600" fill="#17242c">${escaped(heading)}</text>`,
    ...items.map((item) => drawn(item, measure)),
    "</svg>",
  ].join("\n");
}

/** Return an SVG document as a PNG, twice as fine. */
export async function asPng(svg) {
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: WIDTH * 2, height: HEIGHT * 2 });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** Return rows as CSV. A cell that a spreadsheet would take for a formula is marked as text. */
export function asCsv(rows) {
  const cell = (value) => {
    const text = String(value);
    const safe = /^[=+\-@\t\r]/.test(text) && typeof value === "string" ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return rows.map((row) => row.map(cell).join(",")).join("\r\n");
}
