// The room page. What the server drew is shown first; the socket then brings what has happened since.
import { setUpAnnouncements } from "../js/room/announce.js";
import { setUpBoard } from "../js/room/board.js";
import { ChatView } from "../js/room/chat.js";
import { setUpComposer } from "../js/room/composer.js";
import { setUpDownloads } from "../js/room/downloads.js";
import { setUpFreshParts } from "../js/room/fresh.js";
import { setUpNotices } from "../js/room/notices.js";
import { setUpPeople } from "../js/room/people.js";
import { Room } from "../js/room/room.js";
import { setUpSegments } from "../js/room/segments.js";
import { setUpStatus } from "../js/room/status.js";
import { readWords } from "../js/room/words.js";

const root = document.getElementById("room");
const part = (name) => root.querySelector(`[data-${name}]`);

readWords();
const room = new Room(JSON.parse(document.getElementById("room-state").textContent), root.dataset.socket);
setUpAnnouncements(room, part("announcements"));
setUpNotices(room);
setUpPeople(room, part("people"), part("people-count"));
setUpBoard(root, room);
const chat = new ChatView(part("chat"), room);
setUpComposer(room, chat, part("composer"));
setUpDownloads(root, room);
setUpSegments(root);
root.addEventListener("plm:room-view", () => root.dataset.view === "chat" && chat.toEnd());
setUpStatus(root, room);
setUpFreshParts(room);
room.start();
