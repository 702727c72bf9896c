// One step of the state: what it becomes, and what is to be done, gathered on the way.
//
// Rule 1: the state that came in is never changed; what a step changes, it copies once.
// Rule 2: what is to be done is a value (`effects`); main.js does it.
// Rule 3: what is kept by people's names is a Map: of an object, somebody called `constructor` is already a part.

export const HISTORY = 50; // So many older messages a room is entered with.
export const MAX_LINES = 6000; // So many lines of a conversation are kept.

export const roomKey = (name) => "#" + name.toLowerCase();
export const privateKey = (name) => "@" + name.toLowerCase();
export const same = (one, other) => one != null && other != null && one.toLowerCase() === other.toLowerCase();

export class Turn {
  constructor(state, now) {
    this.state = { ...state };
    this.now = now; // Unix time in seconds
    this.effects = [];
    this.fresh = new Set();
  }

  /** The conversation `key`, to be changed; undefined if there is none. */
  edit(key) {
    const known = this.state.conversations[key];
    if (known === undefined || this.fresh.has(known)) return known;
    return this.put({ ...known });
  }

  put(conversation) {
    this.fresh.add(conversation);
    this.state.conversations = { ...this.state.conversations, [conversation.key]: conversation };
    return conversation;
  }

  /** The lines of a conversation that is being changed, to be changed. */
  lines(conversation) {
    if (!this.fresh.has(conversation.lines)) {
      conversation.lines = [...conversation.lines];
      this.fresh.add(conversation.lines);
    }
    return conversation.lines;
  }

  members(conversation) {
    if (!this.fresh.has(conversation.members)) {
      conversation.members = new Map(conversation.members);
      this.fresh.add(conversation.members);
    }
    return conversation.members;
  }

  do(what, details = {}) {
    this.effects.push({ do: what, ...details });
  }

  send(message) {
    this.do("send", { message });
  }

  /** Send a request with a new id, and remember what its answer will mean. */
  ask(asked, message) {
    const id = this.state.nextId;
    this.state.nextId = id + 1;
    this.state.asked = { ...this.state.asked, [id]: asked };
    this.send({ ...message, id });
  }

  answered(re) {
    const asked = this.state.asked[re];
    if (asked === undefined) return undefined;
    this.state.asked = { ...this.state.asked };
    delete this.state.asked[re];
    return asked;
  }

  isAsked(test) {
    return Object.values(this.state.asked).some(test);
  }

  newId() {
    const id = this.state.nextLine;
    this.state.nextLine = id + 1;
    return id;
  }

  /** A line of the page's own in a conversation: `key` names its text, `params` fill it in. */
  note(conversationKey, key, params = {}, more = {}) {
    const conversation = this.edit(conversationKey);
    if (conversation === undefined) return;
    const line = { id: this.newId(), type: "note", key, params, at: this.now, ...more };
    this.lines(conversation).push(line);
  }

  /** Tell the person something that belongs to no conversation. Either a text's `key`, or `text` as it is. */
  toast(kind, { key, params, text }) {
    const toast = { id: this.newId(), kind, key, params, text };
    this.state.toasts = [...this.state.toasts.slice(-3), toast];
    this.do("later", { ms: kind === "error" ? 9000 : 5000, event: { on: "toast-over", id: toast.id } });
  }

  get isReady() {
    return this.state.online === "ready";
  }
}

/** A conversation as it begins. `kind` is "room" or "private". */
export function conversation(kind, name) {
  return {
    key: kind === "room" ? roomKey(name) : privateKey(name),
    kind,
    name,
    lines: [], // in order; see log.js
    members: new Map(), // by name in lower case
    roles: new Map(), // of those above member, by name in lower case
    role: null, // one's own, if above member
    modes: {},
    topic: null,
    typing: new Map(),
    away: null, // of a private conversation: why the other one is away
    ledger: { mark: 0, ahead: [] },
    oldest: 1, // from this number on there are no holes
    whole: kind === "private", // nothing was said before `oldest`
    gap: null, // what is being fetched: {held, upTo}
    adrift: [], // lines of an earlier run of the server, which have no number in this one
    aboutLog: [], // entries about messages, and
    abouts: {}, // what was said about messages, by their number; see abouts.js
    unread: 0,
    mentions: 0,
    newFrom: null, // the line that new messages begin with
    read: 0, // how far the server knows one to have read
    entered: false, // its history was asked for
  };
}
