// The chat: stored lines in the server's order, then our own that are on their way; days, unread, earlier ones.

import { drawList, make, setText } from "./keyed.js";
import { inBrowser } from "./kept.js";
import { partsOf } from "./mentions.js";
import { avatar } from "./people.js";
import { dayOf, momentOf, timeOf } from "./times.js";
import { say } from "./words.js";

const TOGETHER = 5 * 60_000; // milliseconds within which one person's lines stand under one name
const NEAR_END = 48; // pixels

export class ChatView {
  constructor(root, room) {
    this.root = root;
    this.room = room;
    this.scroller = root.querySelector("[data-chat-scroll]");
    this.list = root.querySelector("[data-chat-lines]");
    this.earlier = root.querySelector("[data-chat-earlier]");
    this.empty = root.querySelector("[data-chat-empty]");
    this.jump = root.querySelector("[data-chat-jump]");
    this.badges = document.querySelectorAll("[data-unread]");
    this.kept = inBrowser(`plm.room.read.${room.id}.${room.me.user_id}`);
    this.read = this.kept.read(Math.max(0, ...room.lines.keys()));
    this.unread = this.#countUnread();
    this.newFrom = this.unread ? this.read : Infinity; // what comes while one looks on is not marked as new
    this.pageTitle = document.title;
    this.earlier.addEventListener("click", () => this.#loadEarlier());
    this.jump.addEventListener("click", () => this.toEnd());
    this.follows = true; // whether the end is in sight, and is to stay there
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#resized()).observe(this.scroller);
    document.addEventListener("visibilitychange", () => this.#markRead());
    room.addEventListener("chat", () => this.draw());
    this.list.replaceChildren();
    this.draw();
    this.toEnd();
  }

  toEnd() {
    this.follows = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#markRead();
  }

  /** We have answered: what was new is known. */
  answered() {
    this.newFrom = Infinity;
    this.draw();
    this.toEnd();
  }

  draw() {
    if (!this.unread && !(this.follows && this.#isSeen())) this.newFrom = this.read;
    const things = this.#things();
    drawList(this.list, things, { key: (thing) => thing.key, make: makeThing, update: (element, thing) => this.#update(element, thing) });
    this.empty.hidden = things.length > 0;
    this.earlier.hidden = !this.room.hasEarlierChat;
    if (this.follows) this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#markRead();
  }

  /** Days, lines and the mark of what is new, as one list. */
  #things() {
    const { outbox, lines, me } = this.room;
    const stored = [...lines.values()].sort((one, other) => one.sequence - other.sequence);
    const sending = outbox.entries.filter(({ update }) => update.kind === "chat");
    const things = [];
    let before = null;
    let isMarked = false;
    for (const line of stored) {
      const date = new Date(line.timestamp);
      const day = date.toDateString();
      if (before?.day !== day) things.push({ key: `day-${day}`, day: dayOf(date) });
      const isNew = !isMarked && line.sequence > this.newFrom && line.user_id !== me.user_id;
      if (isNew) things.push({ key: "new", isNewMark: (isMarked = true) });
      const follows = before?.day === day && !isNew && before.user_id === line.user_id && date - before.date < TOGETHER;
      things.push({ key: `line-${line.sequence}`, line, date, follows });
      before = { day, date, user_id: line.user_id };
    }
    for (const { request, update } of sending) {
      things.push({ key: `out-${request}`, line: { ...me, update }, date: null, follows: before?.user_id === me.user_id });
      before = { ...before, user_id: me.user_id };
    }
    return things;
  }

  #update(element, { line, date, follows }) {
    if (!line) return;
    const { me, people } = this.room;
    const mentions = line.update.mentions ?? [];
    element.classList.toggle("is-own", line.user_id === me.user_id);
    element.classList.toggle("is-called", mentions.includes(me.user_id));
    element.classList.toggle("follows", follows);
    if (element.childElementCount) return; // a stored line never changes
    const names = mentions.map((id) => people.get(id)?.user_name).filter(Boolean);
    const time = date
      ? make("time", { datetime: line.timestamp, title: momentOf(date) }, timeOf(date))
      : make("span", { class: "unsent-mark" }, say("sending"));
    const who = line.user_id === me.user_id ? say("you_said") : line.user_name;
    element.append(
      avatar(line.user_name, line.user_id),
      make("p", { class: "line-head" }, make("span", { class: "line-who" }, who), " ", time),
      make("p", { class: "line-text" }, ...partsOf(line.update.text, names).map(([text, isName]) => (isName ? make("b", {}, text) : text))),
    );
  }

  async #loadEarlier() {
    const oldest = Math.min(...this.room.lines.keys());
    const address = new URL(this.root.dataset.updates, window.location.href);
    address.search = new URLSearchParams({ kind: "chat", before: oldest, order: "desc", page_size: 50 });
    this.earlier.disabled = true;
    this.scroller.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const { data, pagination } = await answer.json();
      const fromEnd = this.scroller.scrollHeight - this.scroller.scrollTop;
      this.room.addEventListener("chat", () => (this.scroller.scrollTop = this.scroller.scrollHeight - fromEnd), { once: true });
      this.room.addEarlier(data, pagination.total_count > data.length);
      this.room.announce(say("earlier_loaded", { count: data.length }));
    } catch {
      this.room.notify(say("earlier_failed"), "danger");
    } finally {
      this.earlier.disabled = false;
      this.scroller.removeAttribute("aria-busy");
    }
  }

  #isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_END;
  }

  #isSeen() {
    return document.visibilityState === "visible" && this.scroller.clientHeight > 0;
  }

  #countUnread() {
    const { lines, me } = this.room;
    return [...lines.values()].filter((line) => line.sequence > this.read && line.user_id !== me.user_id).length;
  }

  #scrolled() {
    if (this.scroller.clientHeight !== this.height) return; // it is being resized; that comes next
    this.follows = this.#isAtEnd();
    this.#markRead();
  }

  #resized() {
    this.height = this.scroller.clientHeight;
    if (this.follows) this.toEnd();
  }

  #markRead() {
    if (this.#isSeen() && this.#isAtEnd()) {
      this.read = Math.max(this.read, ...this.room.lines.keys());
      this.kept.write(this.read);
    }
    const unread = (this.unread = this.#countUnread());
    for (const badge of this.badges) {
      badge.hidden = !unread;
      setText(badge, unread ? say("unread", { count: unread }) : "");
    }
    this.jump.hidden = !unread;
    document.title = unread ? `(${unread}) ${this.pageTitle}` : this.pageTitle;
  }
}

function makeThing({ day, isNewMark }) {
  if (day) return make("li", { class: "chat-day" }, make("span", {}, day));
  if (isNewMark) return make("li", { class: "chat-new" }, make("span", {}, say("new_from_here")));
  return make("li", { class: "chat-line" });
}
