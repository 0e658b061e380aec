// Bundles the front end: every plm_project/web/frontend/entries/*.{js,css} becomes a file of the same name in
// plm_project/web/static/web/dist/, beside the icon sprite and the licences of the packages that went in.
//
// Scripts come out as IIFE for <script defer src>. Fonts and pictures stay files: the content security policy allows
// no inline code. The folder is built aside and swapped in, so that a running server never sees half of it.

import { cp, mkdir, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const sources = path.join(root, "plm_project/web/frontend");
const entries = path.join(sources, "entries");
const target = path.join(root, "plm_project/web/static/web/dist");
const fresh = `${target}.new`;
const modules = path.join(root, "node_modules");
const icons = path.join(modules, "bootstrap-icons");

const LICENCE_FILE = /^(licen[cs]es?|notice|copying|copyrightnotice)([.-].*)?$/i;

const exists = (file) => stat(file).then(() => true, () => false);

async function entryPoints() {
  const names = (await exists(entries)) ? await readdir(entries) : [];
  return names.filter((name) => /\.(js|css)$/.test(name)).sort().map((name) => path.join(entries, name));
}

/** Bundle the entries and return the names of the npm packages that went in. */
async function bundle(points) {
  const { build } = await import("esbuild");
  const result = await build({
    entryPoints: points,
    outdir: fresh,
    absWorkingDir: root,
    bundle: true,
    minify: true,
    sourcemap: false,
    format: "iife",
    target: ["es2022", "chrome111", "firefox114", "safari16.4"],
    charset: "utf8",
    legalComments: "none", // the whole licence files are copied instead
    assetNames: "assets/[name]-[hash]",
    loader: { ".woff2": "file", ".woff": "file", ".svg": "file", ".png": "file", ".webp": "file" },
    logLevel: "warning",
    metafile: true,
  });
  const used = new Set();
  for (const input of Object.keys(result.metafile.inputs)) {
    const match = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (match) used.add(match[1]);
  }
  return used;
}

/** Write icons.svg: the names listed in frontend/icons.txt (one a line, # starts a comment), or the whole set. */
async function iconSprite() {
  const list = path.join(sources, "icons.txt");
  const sprite = path.join(fresh, "icons.svg");
  if (!(await exists(list))) {
    await cp(path.join(icons, "bootstrap-icons.svg"), sprite);
    return;
  }
  const lines = (await readFile(list, "utf8")).split("\n").map((line) => line.replace(/#.*/, "").trim());
  const symbols = [];
  for (const name of [...new Set(lines.filter(Boolean))].sort()) {
    const file = path.join(icons, "icons", `${name}.svg`);
    if (!(await exists(file))) throw new Error(`icons.txt: bootstrap-icons has no icon named "${name}".`);
    const drawing = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(await readFile(file, "utf8"))[1].trim();
    symbols.push(`<symbol id="${name}" viewBox="0 0 16 16" fill="currentColor">${drawing}</symbol>`);
  }
  await writeFile(sprite, `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`);
}

async function copyLicences(packages) {
  for (const name of packages) {
    const files = (await readdir(path.join(modules, name))).filter((file) => LICENCE_FILE.test(file));
    if (!files.length) throw new Error(`${name} carries no licence file; do not ship it before that is settled.`);
    for (const file of files) {
      await cp(path.join(modules, name, file), path.join(fresh, "licenses", name, file), { recursive: true });
    }
  }
}

async function main() {
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  const points = await entryPoints();
  const packages = points.length ? await bundle(points) : new Set();
  await iconSprite();
  packages.add("bootstrap-icons");
  await copyLicences([...packages].sort());
  const old = `${target}.old`;
  await rm(old, { recursive: true, force: true });
  if (await exists(target)) await rename(target, old);
  await rename(fresh, target);
  await rm(old, { recursive: true, force: true });
  process.stdout.write(`Front end: ${points.length} entries built.\n`);
}

main().catch((error) => {
  if (!error.errors) process.stderr.write(`${error.message}\n`); // esbuild has already told its own
  process.exitCode = 1;
});
