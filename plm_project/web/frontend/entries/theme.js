// In the head, before the first paint: without it the page would flash in the wrong theme.
import { applyStored } from "../js/theme.js";

document.documentElement.classList.add("js");
applyStored();
