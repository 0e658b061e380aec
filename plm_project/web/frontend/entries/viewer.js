// 3D models in a page: every [data-viewer] becomes a viewer (templates/products/documents/_viewer.html).
import { start } from "../js/viewer/viewer.js";

for (const element of document.querySelectorAll("[data-viewer]")) start(element);
