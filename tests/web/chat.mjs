// What the tests of the page's modules share: a page's state with a server that says what the test lets it say.

import { initial, reduce } from "../../src/wassop/web/static/state.js";

export const LIMITS = { text_bytes: 4096, line_bytes: 16384, history: 200, topic_chars: 300 };

export class Chat {
  constructor(options = {}) {
    this.now = 1_790_000_000;
    this.state = initial({ lang: "es", noncePrefix: "p", ...options });
    this.effects = [];
  }

  on(event, details = {}) {
    const before = structuredClone(this.state);
    const { state, effects } = reduce(this.state, { on: event, ...details }, this.now);
    // Rule 1 of turn.js: the state that came in is never changed.
    if (JSON.stringify(before) !== JSON.stringify(this.state))
      throw new Error(`${event} changed the state that came in`);
    this.state = state;
    this.effects.push(...effects);
    return this;
  }

  /** The server says these. */
  hear(...messages) {
    return this.on("received", { messages });
  }

  /** What was sent since the last call. */
  sent() {
    const messages = this.effects.filter(({ do: what }) => what === "send").map(({ message }) => message);
    this.effects = [];
    return messages;
  }

  done(what) {
    return this.effects.filter((effect) => effect.do === what);
  }

  /** The only message of that kind that was sent since the last call. */
  sentOne(t) {
    const found = this.sent().filter((message) => message.t === t);
    if (found.length !== 1) throw new Error(`${found.length} × ${t} sent`);
    return found[0];
  }

  /** Come in as `name`, into the lobby and into `rooms`. */
  entered(name = "ana", ...rooms) {
    this.on("enter", { name }).on("connected");
    this.hear(welcome(this.sentOne("hello").id, { name }));
    const join = this.sent().find(({ t }) => t === "join");
    this.hear(joined("General", { re: join.id, members: [name] }));
    for (const room of rooms) this.join(room);
    this.sent();
    return this;
  }

  join(room, details = {}) {
    this.on("join", { room });
    const { id } = this.sentOne("join");
    return this.hear(joined(room, { re: id, members: [this.state.name], ...details }));
  }

  say(text, key = "#sala1") {
    this.on("compose", { key, text });
    return this.sentOne(key.startsWith("#") ? "say" : "msg");
  }

  lost() {
    return this.on("lost").on("connecting").on("connected");
  }

  room(key = "#sala1") {
    return this.state.conversations[key];
  }

  /** The texts of a conversation's messages. */
  texts(key = "#sala1") {
    return this.room(key)
      .lines.filter(({ type }) => type === "talk")
      .map(({ text }) => text);
  }

  seqs(key = "#sala1") {
    return this.room(key)
      .lines.filter(({ type }) => type === "talk")
      .map(({ seq }) => seq);
  }
}

export const welcome = (re, more = {}) => ({
  t: "welcome",
  v: 1,
  re,
  name: "ana",
  server: "wassop",
  lang: "es",
  lobby: "General",
  limits: LIMITS,
  epoch: 1,
  ...more,
});

export const joined = (room, more = {}) => ({ t: "joined", room, seq: 0, members: ["ana"], history: [], ...more });

export const entry = (seq, text = `m${seq}`, more = {}) => ({
  seq,
  from: "bob",
  text,
  at: 1_790_000_000 + seq,
  ...more,
});

export const said = (seq, text, more = {}) => ({ t: "said", room: "Sala1", ...entry(seq, text), ...more });

export const entries = (first, last) => Array.from({ length: last - first + 1 }, (_, place) => entry(first + place));
