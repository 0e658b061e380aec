// The room as data: what the server has stored, in its order, and on top of it what we did that is not stored yet.
// The views listen: "board", "chat", "people", "state" (line, role, status, unsent), "announce" and "notice" (sentences),
// "returned" (the text of a message that was refused).

import { Connection } from "./connection.js";
import { applyUpdate } from "./items.js";
import { inTab } from "./kept.js";
import { Log } from "./log.js";
import { Outbox } from "./outbox.js";
import { say } from "./words.js";

const GAP_PATIENCE = 5000; // milliseconds until a hole in the numbers is worth a new line
const DRAW_PAUSE = 16; // many messages, one drawing
const WRITERS = ["host", "editor"];

export class Room extends EventTarget {
  #items;
  #log;
  #due = new Set();
  #gapTimer = null;

  /** state: what the server drew into the page, of the same shape as session_state. */
  constructor(state, path) {
    super();
    this.id = state.session_id;
    this.me = { user_id: state.user_id, user_name: "" };
    this.lines = new Map(); // number → chat message
    this.hasJoined = false;
    this.#log = new Log(state.last_sequence, (entry) => this.#apply(entry));
    this.#take(state);
    this.outbox = new Outbox({
      kept: inTab(`plm.room.${this.id}.${state.user_id}`),
      send: (request, update) =>
        this.connection.send({ type: "collaboration_update", session_id: this.id, request, update }),
      onChange: () => this.#change("board", "chat", "state"),
    });
    this.connection = new Connection({
      path,
      hello: () => ({ type: "join_collaboration", session_id: this.id, last_sequence: this.#log.last }),
      onMessage: (message) => this.#hear(message),
      onState: (line) => this.#lineChanged(line),
    });
  }

  /** The items as this person sees them: stored, with their own unsent steps on top. */
  get items() {
    const items = new Map(this.#items);
    for (const update of this.outbox.updates) applyUpdate(items, update, this.me);
    return items;
  }

  /** Whether this person may write and draw now. Without a line one goes on; the outbox keeps it. */
  get mayWrite() {
    return WRITERS.includes(this.role) && this.status === "active" && !this.isOver;
  }

  /** Whether the line has ended for good. */
  get isOver() {
    return ["signed_out", "removed", "missing"].includes(this.connection?.state);
  }

  /** connected (in and heard), or the state of the line. */
  get line() {
    return this.hasJoined ? "connected" : this.connection.state;
  }

  /** The ids of the items with steps that are not stored yet. */
  get unsentItems() {
    return new Set(this.outbox.updates.map((update) => update.id));
  }

  start() {
    this.connection.start();
  }

  /** Do something: shown at once, stored when the server says so. */
  send(update) {
    if (this.mayWrite) this.outbox.add(update);
  }

  /** Older messages, brought in by the chat over HTTP. */
  addEarlier(entries, hasMore) {
    for (const entry of entries) this.lines.set(entry.sequence, entry);
    this.hasEarlierChat = hasMore;
    this.#change("chat");
  }

  announce(text) {
    this.dispatchEvent(new CustomEvent("announce", { detail: text }));
  }

  notify(text, level = "warning") {
    this.dispatchEvent(new CustomEvent("notice", { detail: { text, level } }));
  }

  // --- what the server says -----------------------------------------------------------------------------------------
  #hear(message) {
    const handler = {
      session_state: () => this.#joined(message),
      collaboration_update: () => this.#log.take(message),
      update_accepted: () => this.#accepted(message),
      user_joined: () => this.#came(message),
      user_left: () => this.#left(message),
      participant_changed: () => this.#participantChanged(message),
      session_changed: () => this.#sessionChanged(message),
      error: () => this.#refused(message),
    }[message.type];
    handler?.();
    this.#watchGap();
  }

  #joined(state) {
    this.connection.settled();
    if (state.catching_up) this.#takeRoom(state);
    else {
      this.#take(state);
      this.#log.restart(state.last_sequence);
    }
    this.hasJoined = true;
    this.outbox.ready();
    this.#change("board", "chat", "people", "state");
  }

  #take(state) {
    this.#takeRoom(state);
    this.#items = new Map(state.board.map((item) => [item.id, item]));
    this.lines = new Map(state.chat.map((line) => [line.sequence, line]));
    this.hasEarlierChat = state.has_earlier_chat;
  }

  #takeRoom({ role, status, title, participants }) {
    Object.assign(this, { role, status, title });
    this.people = new Map(participants.map((person) => [person.user_id, person]));
    this.me.user_name = this.people.get(this.me.user_id)?.user_name ?? this.me.user_name;
  }

  #apply(entry) {
    if (entry.user_id === this.me.user_id && entry.request) this.outbox.settle(entry.request);
    if (entry.update.kind === "chat") this.lines.set(entry.sequence, entry);
    else applyUpdate(this.#items, entry.update, { user_id: entry.user_id, user_name: entry.user_name });
    this.#change("board", "chat");
  }

  #accepted({ request, sequence, timestamp }) {
    const update = this.outbox.find(request);
    if (!update) return;
    if (sequence <= this.#log.last) this.outbox.settle(request); // it came with what we missed
    else this.#log.take({ sequence, timestamp, request, update, ...this.me });
  }

  #refused({ request, error_code: code, message }) {
    if (code === "RATE_LIMITED" && request) {
      this.outbox.breathe(request);
      return;
    }
    const update = request && this.outbox.settle(request);
    if (update?.kind === "chat") this.dispatchEvent(new CustomEvent("returned", { detail: update.text }));
    if (update || !request) this.notify(message);
  }

  #watchGap() {
    if (!this.#log.hasGap) {
      window.clearTimeout(this.#gapTimer);
      this.#gapTimer = null;
    }
    else this.#gapTimer ??= window.setTimeout(() => this.connection.restart(), GAP_PATIENCE);
  }

  // --- people -------------------------------------------------------------------------------------------------------
  #came({ user_id, user_name }) {
    const known = this.people.get(user_id) ?? { user_id, role: "viewer" };
    if (!known.is_here && user_id !== this.me.user_id) this.#moved(user_id, user_name, "joined");
    this.people.set(user_id, { ...known, user_name, is_here: true });
    this.#change("people");
  }

  #left({ user_id }) {
    const known = this.people.get(user_id);
    if (!known) return;
    if (known.is_here && user_id !== this.me.user_id) this.#moved(user_id, known.user_name, "left");
    this.people.set(user_id, { ...known, is_here: user_id === this.me.user_id && this.hasJoined });
    this.#change("people");
  }

  #moved(id, name, what) {
    this.dispatchEvent(new CustomEvent("moved", { detail: { id, name, what } }));
  }

  #participantChanged({ user_id, user_name, role }) {
    const known = this.people.get(user_id) ?? { user_id, user_name, is_here: false };
    if (role === null) this.people.delete(user_id);
    else this.people.set(user_id, { ...known, role });
    if (user_id === this.me.user_id && role !== null) this.#roleChanged(role);
    this.#change("people", "state");
  }

  #roleChanged(role) {
    if (role === this.role) return;
    this.role = role;
    this.notify(say("role_now", { role: say(`role_${role}`) }), "info");
    if (!this.mayWrite) this.#dropUnsent();
  }

  // --- the room and the line ----------------------------------------------------------------------------------------
  #sessionChanged({ status, title }) {
    const isNew = status !== this.status;
    Object.assign(this, { status, title: title ?? this.title });
    if (isNew) this.notify(say(`status_${status}_now`), "info");
    this.#change("state");
  }

  #dropUnsent() {
    for (const update of this.outbox.updates.filter(({ kind }) => kind === "chat")) {
      this.dispatchEvent(new CustomEvent("returned", { detail: update.text }));
    }
    this.outbox.clear();
  }

  #lineChanged(line) {
    if (line !== "open") {
      this.hasJoined = false;
      this.outbox.pause();
      const myself = this.people.get(this.me.user_id);
      if (myself) this.people.set(this.me.user_id, { ...myself, is_here: false });
    }
    if (line === "removed" || line === "missing") this.#dropUnsent();
    this.#change("people", "state");
  }

  #change(...parts) {
    if (!this.#due.size) window.setTimeout(() => this.#draw(), DRAW_PAUSE);
    for (const part of parts) this.#due.add(part);
  }

  #draw() {
    const parts = [...this.#due];
    this.#due.clear();
    for (const part of parts) this.dispatchEvent(new CustomEvent(part));
  }
}
