// From a file's bytes to an object that three.js draws, Y up. Nothing is fetched beside the file itself: data inside a
// .gltf is moved into a GLB, and pictures become <img>, because the content security policy lets no script fetch blobs.
import { Box3, Mesh, MeshStandardMaterial, Group, TextureLoader, Vector3 } from "three";
import { GLTFLoader } from "three/examples/jsm/loaders/GLTFLoader.js";
import { STLLoader } from "three/examples/jsm/loaders/STLLoader.js";
import { ThreeMFLoader } from "three/examples/jsm/loaders/3MFLoader.js";

const STEEL = 0x8fa1b3;

/** Fetch a file; `progress(share)` gets 0 to 1, or null where the size is unknown. */
export async function fetchBytes(url, progress, signal) {
  const answer = await fetch(url, { credentials: "same-origin", signal });
  if (!answer.ok) throw new Error(`${answer.status}`);
  const total = Number(answer.headers.get("Content-Length")) || 0;
  const reader = answer.body.getReader();
  const parts = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    size += value.length;
    progress(total ? Math.min(size / total, 1) : null);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole.buffer;
}

/** Return the model as a Group, moved so that its middle is the origin, and the radius of the ball around it. */
export async function modelOf(bytes, kind) {
  const model = await READERS[kind](bytes);
  model.traverse((node) => [node.material ?? []].flat().forEach(matt));
  const box = new Box3().setFromObject(model);
  if (box.isEmpty()) throw new Error("empty");
  const outer = new Group();
  model.position.sub(box.getCenter(new Vector3()));
  outer.add(model);
  return { root: outer, model, size: box.getSize(new Vector3()) };
}

const READERS = {
  stl(bytes) {
    const geometry = new STLLoader().parse(bytes);
    geometry.computeVertexNormals();
    const coloured = geometry.hasAttribute("color");
    const material = new MeshStandardMaterial({ color: coloured ? 0xffffff : STEEL, roughness: 0.6, metalness: 0.1, vertexColors: coloured });
    return upright(new Mesh(geometry, material));
  },
  "3mf": (bytes) => upright(new ThreeMFLoader().parse(bytes)),
  glb: parseGltf,
  gltf: (bytes) => parseGltf(packed(JSON.parse(new TextDecoder().decode(bytes)))),
};

/** Z is up in STL and 3MF. */
function upright(model) {
  const group = new Group();
  model.rotation.x = -Math.PI / 2;
  group.add(model);
  return group;
}

function parseGltf(bytes) {
  const loader = new GLTFLoader();
  loader.register((parser) => {
    parser.textureLoader = new TextureLoader(parser.options.manager);
    return { name: "PLM_pictures_as_elements" };
  });
  return new Promise((resolve, reject) => loader.parse(bytes, "", (found) => {
    // A node's own name is in userData; other names are the reader's, for the pieces of one mesh.
    found.scene.traverse((node) => { node.name = node.userData.name ?? ""; });
    resolve(found.scene);
  }, reject));
}

/** Turn a .gltf with its data inside (base64) into a GLB. */
function packed(json) {
  const chunks = [];
  let size = 0;
  const add = (data) => {
    const offset = size;
    chunks.push([offset, data]);
    size += data.length + ((4 - (data.length % 4)) % 4);
    return offset;
  };
  const offsets = (json.buffers ?? []).map((buffer) => add(decoded(buffer.uri)));
  json.bufferViews ??= [];
  for (const view of json.bufferViews) {
    view.byteOffset = (view.byteOffset ?? 0) + offsets[view.buffer];
    view.buffer = 0;
  }
  for (const image of json.images ?? []) {
    if (!image.uri) continue;
    const data = decoded(image.uri);
    image.mimeType ??= /^data:([^;,]+)/.exec(image.uri)[1];
    json.bufferViews.push({ buffer: 0, byteOffset: add(data), byteLength: data.length });
    image.bufferView = json.bufferViews.length - 1;
    delete image.uri;
  }
  json.buffers = [{ byteLength: size }];
  return glb(json, chunks, size);
}

function glb(json, chunks, size) {
  let text = new TextEncoder().encode(JSON.stringify(json));
  const padded = new Uint8Array(text.length + ((4 - (text.length % 4)) % 4)).fill(0x20);
  padded.set(text);
  text = padded;
  const whole = new Uint8Array(28 + text.length + size);
  const head = new DataView(whole.buffer);
  [0x46546c67, 2, whole.length, text.length, 0x4e4f534a].forEach((word, index) => head.setUint32(index * 4, word, true));
  whole.set(text, 20);
  head.setUint32(20 + text.length, size, true);
  head.setUint32(24 + text.length, 0x004e4942, true);
  for (const [offset, data] of chunks) whole.set(data, 28 + text.length + offset);
  return whole.buffer;
}

function decoded(uri) {
  const [head, body] = [uri.slice(0, uri.indexOf(",")), uri.slice(uri.indexOf(",") + 1)];
  const text = head.endsWith(";base64") ? atob(body) : decodeURIComponent(body);
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Without surroundings to mirror, metal is black; converters call every part metal. */
function matt(material) {
  if ("metalness" in material) material.metalness = Math.min(material.metalness, 0.15);
  if ("roughness" in material) material.roughness = Math.max(material.roughness, 0.5);
}
