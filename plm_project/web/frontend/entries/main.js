// Every page. The parts set themselves up on the document and find what htmx brings later by delegation.
import htmx from "htmx.org";

import { setUpConfirm } from "../js/confirm.js";
import { setUpCopy } from "../js/copy.js";
import { setUpDialogs } from "../js/dialogs.js";
import { setUpFileDrop } from "../js/file_drop.js";
import { setUpLoading } from "../js/loading.js";
import { setUpMentions } from "../js/mentions.js";
import { setUpMenus } from "../js/menus.js";
import { setUpNotices } from "../js/notices.js";
import { setUpThemeSwitch } from "../js/theme.js";
import { setUpToasts } from "../js/toasts.js";
import { setUpRows } from "../js/rows.js";
import { setUpTrees } from "../js/tree.js";
import { setUpUnsaved } from "../js/unsaved.js";

window.htmx = htmx;

setUpThemeSwitch();
setUpMenus();
setUpToasts();
setUpConfirm();
setUpDialogs();
setUpCopy();
setUpRows();
setUpTrees(htmx);
setUpFileDrop();
setUpUnsaved();
setUpMentions();
setUpLoading();
setUpNotices(htmx);

document.querySelector("[data-form-errors]")?.focus();
