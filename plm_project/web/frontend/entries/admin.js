// What the admin shares with the pages: theme and menus.
import { setUpMenus } from "../js/menus.js";
import { setUpThemeSwitch } from "../js/theme.js";

setUpThemeSwitch();
setUpMenus();
