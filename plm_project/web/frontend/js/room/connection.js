// The line to the server: opens, says hello, notices silence, comes back by itself with growing pauses.
//
// States: connecting, open, waiting (for the next try), and the ends signed_out, removed, missing, stopped.

const ENDS = { 4401: "signed_out", 4403: "removed", 4404: "missing" };
const TOO_MUCH = new Set([4413, 4429]); // we sent too much: stay away for a while
const FIRST_PAUSE = 400; // milliseconds
const LONGEST_PAUSE = 20_000;
const PENALTY = 10_000;
const PING_EVERY = 20_000;
const ANSWER_WITHIN = 10_000;

export class Connection {
  #socket = null;
  #tries = 0;
  #timers = {};

  /** hello(): the first message. onMessage(message), onState(state). */
  constructor({ path, hello, onMessage, onState }) {
    const address = new URL(path, window.location.href);
    address.protocol = address.protocol.replace("http", "ws");
    Object.assign(this, { address: address.href, hello, onMessage, onState, state: "stopped" });
  }

  /** Connect, and try at once again whenever the machine or the person is back. */
  start() {
    window.addEventListener("online", () => this.retryNow());
    window.addEventListener("offline", () => this.restart());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.retryNow());
    window.addEventListener("pagehide", () => this.#stop("stopped"));
    window.addEventListener("pageshow", (event) => event.persisted && this.#open());
    this.#open();
  }

  /** Send if the line is open; return whether it was. */
  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** The server let us in: the next fault starts with a short pause again. */
  settled() {
    this.#tries = 0;
  }

  /** Do not wait any longer for the next try. */
  retryNow() {
    if (this.state === "waiting") this.#open();
  }

  /** Drop the line and come back. */
  restart() {
    if (this.state === "open" || this.state === "connecting") this.#lost(1000);
  }

  #open() {
    this.#clear();
    this.#set("connecting");
    const socket = new WebSocket(this.address);
    this.#socket = socket;
    const mine = (handler) => (event) => socket === this.#socket && handler(event);
    socket.addEventListener("open", mine(() => this.#opened()));
    socket.addEventListener("message", mine((event) => this.#heard(event.data)));
    socket.addEventListener("close", mine((event) => this.#lost(event.code)));
  }

  #opened() {
    this.#set("open");
    this.send(this.hello());
    this.#timers.ping = window.setInterval(() => this.#ping(), PING_EVERY);
  }

  #ping() {
    this.send({ type: "ping" });
    this.#timers.answer ??= window.setTimeout(() => this.restart(), ANSWER_WITHIN);
  }

  #heard(text) {
    window.clearTimeout(this.#timers.answer);
    delete this.#timers.answer;
    this.onMessage(JSON.parse(text));
  }

  #lost(code) {
    if (ENDS[code]) {
      this.#stop(ENDS[code]);
      return;
    }
    this.#stop("waiting");
    const longest = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.#tries++);
    const pause = longest / 2 + (Math.random() * longest) / 2; // a hundred clients must not come back in one instant
    this.#timers.retry = window.setTimeout(() => this.#open(), pause + (TOO_MUCH.has(code) ? PENALTY : 0));
  }

  #stop(state) {
    const socket = this.#socket;
    this.#socket = null;
    this.#clear();
    socket?.close();
    this.#set(state);
  }

  #clear() {
    window.clearInterval(this.#timers.ping);
    window.clearTimeout(this.#timers.answer);
    window.clearTimeout(this.#timers.retry);
    this.#timers = {};
  }

  #set(state) {
    if (state === this.state) return;
    this.state = state;
    this.onState(state);
  }
}
