// The bell: its number rises while the page is open. Without scripts or sockets it shows what the server counted.

import { showToast } from "./toasts.js";

const FIRST_WAIT = 1000; // milliseconds; doubled after every failure
const LONGEST_WAIT = 60_000;
const MOST_SHOWN = 99;
const FOR_GOOD = new Set([4400, 4401]); // not (any more) signed in: the next page asks for a sign-in

function show(bell, unread) {
  const count = bell.querySelector("[data-notices-count]");
  count.textContent = unread > MOST_SHOWN ? `${MOST_SHOWN}+` : String(unread);
  count.hidden = unread === 0;
  bell.querySelector("[data-notices-words]").textContent =
    unread === 0 ? bell.dataset.noneWords : bell.dataset.unreadWords.replace("%s", unread);
}

function tell(notice) {
  const urgent = notice.priority === "high";
  showToast(notice.title, urgent ? "warning" : "info", { link: { url: notice.url, detail: notice.detail }, urgent });
}

function connect(bell, refresh) {
  let wait = FIRST_WAIT;
  const address = new URL(bell.dataset.socket, window.location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";

  const open = () => {
    const socket = new WebSocket(address);
    socket.addEventListener("message", (event) => {
      wait = FIRST_WAIT;
      const message = JSON.parse(event.data);
      show(bell, message.unread);
      if (message.type === "notice") tell(message.notice);
      if (bell.open) refresh();
    });
    socket.addEventListener("close", (event) => {
      if (FOR_GOOD.has(event.code)) return;
      window.setTimeout(open, wait * (0.5 + Math.random() / 2)); // not everybody at once after a restart
      wait = Math.min(wait * 2, LONGEST_WAIT);
    });
  };
  open();
}

/** Fill the sheet whenever it is opened, and keep the number right. */
export function setUpNotices(htmx) {
  const bell = document.querySelector("[data-notices]");
  if (!bell) return;
  const refresh = () => htmx.trigger(bell.querySelector("[data-notices-list]"), "notices:show");
  bell.addEventListener("toggle", () => {
    if (bell.open) refresh();
  });
  connect(bell, refresh);
}
