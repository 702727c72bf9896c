// The connection to the server: kept alive, noticed when dead, made again with growing pauses.
//
// Rule 1: what happens is told to `tell` in order, as events of state.js.
// Rule 2: a connection that was given up tells nothing any more.

export const SETTINGS = {
  silenceMs: 45_000, // After so long without a word the server is asked for one; after as long again it is dead.
  connectMs: 15_000,
  firstPauseMs: 1_000,
  longestPauseMs: 30_000,
  jitter: 0.25, // A pause is longer by up to this share, so that not all come back in the same instant.
};

export class Link {
  /** `open(url)` makes a WebSocket; `clock` has setTimeout, clearTimeout and random. */
  constructor(url, tell, { open = (address) => new WebSocket(address), clock = realClock, settings = SETTINGS } = {}) {
    Object.assign(this, { url, tell, open, clock, settings });
    this.socket = null;
    this.attempt = 0;
    this.timers = {};
    this.isWanted = false;
  }

  /** Connect, unless that is done or under way. */
  start() {
    this.isWanted = true;
    if (this.socket === null) this.#connect();
  }

  /** Close, and do not come back. */
  stop() {
    this.isWanted = false;
    this.#forget();
    this.attempt = 0;
  }

  /** Give up this connection and make another after a pause. */
  drop() {
    if (this.socket === null) return;
    this.#forget();
    this.#lost();
  }

  /** Do not wait any longer: the network is back, or somebody asks for it. */
  hurry() {
    if (this.isWanted && this.socket === null) {
      this.attempt = 0;
      this.#connect();
    }
  }

  /** The connection proved good: the next pause is the shortest again. */
  welcomed() {
    this.attempt = 0;
  }

  /** Send an object; false when there is no connection that would take it. */
  send(message) {
    if (this.socket === null || this.socket.readyState !== 1) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  #connect() {
    this.#clear();
    this.tell({ on: "connecting" });
    let socket;
    try {
      socket = this.open(this.url);
    } catch {
      this.#lost();
      return;
    }
    this.socket = socket;
    const mine = (act) => (event) => {
      if (this.socket === socket) act(event);
    };
    socket.onopen = mine(() => {
      this.#listen();
      this.tell({ on: "connected" });
    });
    socket.onmessage = mine(({ data }) => {
      this.#listen();
      this.tell({ on: "received", messages: objects(data) });
    });
    socket.onclose = mine(() => {
      this.#forget();
      this.#lost();
    });
    this.#after("silence", this.settings.connectMs, () => this.drop());
  }

  /** The server has just been heard: wait for its next word. */
  #listen() {
    this.#after("silence", this.settings.silenceMs, () => {
      this.send({ t: "ping" });
      this.#after("silence", this.settings.silenceMs, () => this.drop());
    });
  }

  #lost() {
    this.tell({ on: "lost" });
    if (!this.isWanted || this.socket !== null) return;
    const { firstPauseMs, longestPauseMs, jitter } = this.settings;
    const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(this.attempt, 20));
    this.attempt += 1;
    this.#wait(pause * (1 + jitter * this.clock.random()));
  }

  /** Wait, telling every second how long it will still take. */
  #wait(left) {
    if (left <= 0) {
      this.#connect();
      return;
    }
    this.tell({ on: "waiting", seconds: Math.max(1, Math.round(left / 1000)) });
    const step = Math.min(1000, left);
    this.#after("pause", step, () => this.#wait(left - step));
  }

  #forget() {
    this.#clear();
    const { socket } = this;
    this.socket = null;
    if (socket !== null) socket.close();
  }

  #after(name, ms, act) {
    this.clock.clearTimeout(this.timers[name]);
    this.timers[name] = this.clock.setTimeout(act, ms);
  }

  #clear() {
    for (const timer of Object.values(this.timers)) this.clock.clearTimeout(timer);
    this.timers = {};
  }
}

const realClock = {
  setTimeout: (act, ms) => setTimeout(act, ms),
  clearTimeout: (timer) => clearTimeout(timer),
  random: () => Math.random(),
};

/** The objects in a frame, one a line; what is none is left out. */
export function objects(frame) {
  const found = [];
  for (const line of String(frame).split("\n")) {
    if (!line.trim()) continue;
    try {
      const object = JSON.parse(line);
      if (object !== null && typeof object === "object") found.push(object);
    } catch {
      console.warn("wassop: a frame that is no JSON was left out");
    }
  }
  return found;
}
