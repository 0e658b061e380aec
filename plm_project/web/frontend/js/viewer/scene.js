// Camera, light and drawing. A picture is drawn when something changed, never in a loop: a still model costs nothing.
import {
  AmbientLight, Color, DirectionalLight, HemisphereLight, OrthographicCamera, Plane, Raycaster, Scene, Spherical, Vector2,
  Vector3, WebGLRenderer,
} from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";

const VIEWS = { iso: [1, Math.sqrt(2 / 3), 1], front: [0, 0, 1], top: [0, 1, 0.0001], right: [1, 0, 0] };
const TURN = Math.PI / 12; // radians a key
const CLOSER = 1.25;

export const hasWebGL = () => {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("webgl2");
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return context !== null;
};

export class Stage {
  constructor(element) {
    this.element = element;
    this.renderer = new WebGLRenderer({ antialias: true, alpha: true });
    this.renderer.setPixelRatio(Math.min(devicePixelRatio, 2));
    element.append(this.renderer.domElement);
    this.scene = new Scene();
    this.camera = new OrthographicCamera(-1, 1, 1, -1, -1000, 1000);
    this.plane = new Plane(new Vector3(-1, 0, 0), 0);
    this.highlighted = new Map();
    const key = new DirectionalLight(0xffffff, 2);
    key.position.set(-0.4, 0.9, 0.8);
    this.camera.add(key, key.target);
    key.target.position.set(0, 0, -1);
    this.scene.add(this.camera, new AmbientLight(0xffffff, 0.7), new HemisphereLight(0xffffff, 0x8090a0, 0.9));
    this.controls = new OrbitControls(this.camera, this.renderer.domElement);
    this.controls.addEventListener("change", () => this.draw());
    new ResizeObserver(() => this.resize()).observe(element);
  }

  show(found) {
    this.model = found;
    this.scene.add(found.root);
    this.radius = found.size.length() / 2 || 1;
    this.camera.near = -this.radius * 20;
    this.camera.far = this.radius * 20;
    this.view("iso");
  }

  view(name) {
    this.camera.position.set(...VIEWS[name]).setLength(this.radius * 4);
    this.fit();
  }

  /** Bring the whole model into the picture without turning it. */
  fit() {
    this.controls.target.set(0, 0, 0);
    const direction = this.camera.position.clone();
    if (!direction.lengthSq()) direction.set(...VIEWS.iso);
    this.camera.position.copy(direction.setLength(this.radius * 4));
    this.camera.zoom = 1;
    this.resize();
    this.controls.update();
    this.draw();
  }

  turn(left, up) {
    const around = new Spherical().setFromVector3(this.camera.position.clone().sub(this.controls.target));
    around.theta += left * TURN;
    around.phi = Math.min(Math.max(around.phi + up * TURN, 0.0001), Math.PI - 0.0001);
    this.camera.position.copy(new Vector3().setFromSpherical(around).add(this.controls.target));
    this.controls.update();
    this.draw();
  }

  zoom(steps) {
    this.camera.zoom = Math.min(Math.max(this.camera.zoom * CLOSER ** steps, 0.05), 200);
    this.camera.updateProjectionMatrix();
    this.draw();
  }

  wireframe(on) {
    this.model.root.traverse((node) => {
      for (const material of [node.material ?? []].flat()) material.wireframe = on;
    });
    this.draw();
  }

  /** Cut the model open at `share` (0 to 1) of its width; null takes the cut away. */
  cut(share) {
    this.plane.constant = share === null ? 0 : (share - 0.5) * this.model.size.x * 1.001;
    this.renderer.clippingPlanes = share === null ? [] : [this.plane];
    this.draw();
  }

  /** Return the drawn node under a pointer event, or null. */
  hit(event) {
    const box = this.renderer.domElement.getBoundingClientRect();
    const at = new Vector2(((event.clientX - box.left) / box.width) * 2 - 1, 1 - ((event.clientY - box.top) / box.height) * 2);
    const caster = new Raycaster();
    caster.setFromCamera(at, this.camera);
    const cut = this.renderer.clippingPlanes.length > 0;
    const seen = caster.intersectObject(this.model.root, true).find(({ point }) => !cut || this.plane.distanceToPoint(point) >= 0);
    return seen?.object ?? null;
  }

  /** Colour a node and all below it; null gives every node its own colour back. */
  highlight(node) {
    for (const [mesh, material] of this.highlighted) mesh.material = material;
    this.highlighted.clear();
    const colour = new Color(getComputedStyle(this.element).getPropertyValue("--signal").trim() || "#cf5a0a");
    node?.traverse((mesh) => {
      if (!mesh.isMesh) return;
      this.highlighted.set(mesh, mesh.material);
      const tinted = [mesh.material].flat().map((material) => {
        const copy = material.clone();
        copy.color?.copy(colour);
        copy.map = null;
        copy.vertexColors = false;
        return copy;
      });
      mesh.material = Array.isArray(mesh.material) ? tinted : tinted[0];
    });
    this.draw();
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (!width || !height || !this.radius) return;
    this.renderer.setSize(width, height);
    const half = this.radius * 1.1;
    const [across, down] = width > height ? [(half * width) / height, half] : [half, (half * height) / width];
    Object.assign(this.camera, { left: -across, right: across, top: down, bottom: -down });
    this.camera.updateProjectionMatrix();
    this.draw();
  }

  draw() {
    if (this.waiting || !this.model) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.renderer.render(this.scene, this.camera);
      const degrees = (radians) => Math.round((radians * 180) / Math.PI);
      this.element.dataset.turned = `${degrees(this.controls.getAzimuthalAngle())} ${degrees(this.controls.getPolarAngle())}`;
      this.element.dataset.zoom = this.camera.zoom.toFixed(2);
    });
  }
}
