// What the person in front of the page wants.

import { withEmojis } from "../emojis.js";
import { understood } from "../slash.js";
import { forgetRoom, join, open } from "./arrival.js";
import { again, discard, post } from "./outgoing.js";
import { seek } from "./older.js";
import { conversation, privateKey, roomKey, same } from "./turn.js";

const TYPING_PAUSE_S = 4; // So often at most the others are told that one is typing.
const FOUND_AT_ONCE = 30;

/** Wishes by name; each takes the turn and its details. */
export const WISHES = {
  enter(turn, { name, password }) {
    const { state } = turn;
    if (state.name !== null && !same(state.name, name)) forgetEverything(turn);
    state.wanted = { name, password: password || undefined };
    state.entrance = {};
    state.refusals = 0;
    if (state.online === "greeting") turn.do("hello");
    else turn.do("connect");
    state.entering = true;
  },
  open: (turn, { key }) => open(turn, key),
  "talk-to": (turn, { name }) => talkTo(turn, name),
  join: (turn, details) => goInto(turn, details),
  leave(turn, { key }) {
    const room = turn.edit(key);
    if (!room || key === roomKey(turn.state.lobby)) return;
    if (room.kind === "private" || room.out) forgetRoom(turn, key);
    else if (isOnline(turn)) turn.ask({ what: "leave", key, t: "leave" }, { t: "leave", room: room.name });
  },
  compose,
  again: (turn, { key, id }) => again(turn, key, id),
  discard: (turn, { key, id }) => discard(turn, key, id),
  edit(turn, { key, seq, text }) {
    const changed = withEmojis(text.trim());
    if (fits(turn, changed, key, text)) aboutMessage(turn, key, "edit", seq, changed);
  },
  delete: (turn, { key, seq }) => aboutMessage(turn, key, "delete", seq, ""),
  react: (turn, { key, seq, emoji, wanted }) => aboutMessage(turn, key, wanted ? "react" : "unreact", seq, emoji),
  typed(turn, { key }) {
    const room = turn.edit(key);
    if (!turn.isReady || !room || room.kind !== "room" || !room.entered || room.out) return;
    if (room.typedAt && turn.now - room.typedAt < TYPING_PAUSE_S) return;
    room.typedAt = turn.now;
    turn.send({ t: "typing", room: room.name });
  },
  topic(turn, { key, text, form }) {
    const room = turn.edit(key);
    if (isOnline(turn, form))
      turn.ask({ what: "topic", key, text, form, t: "topic" }, { t: "topic", room: room.name, text });
  },
  search(turn, { query, before }) {
    const goesOn = before !== undefined;
    const number = goesOn ? turn.state.search.number : turn.state.nextId;
    if (!goesOn) turn.state.search = { number, query, messages: [], more: false };
    if (!isOnline(turn)) return;
    turn.state.search = { ...turn.state.search, busy: true, error: null };
    const message = { t: "search", words: query.words, limit: FOUND_AT_ONCE };
    for (const narrow of ["room", "from", "since", "until"]) if (query[narrow] != null) message[narrow] = query[narrow];
    if (goesOn) message.until = before;
    turn.ask({ what: "search", number, goesOn, t: "search" }, message);
  },
  "forget-search": (turn) => Object.assign(turn.state, { search: null, around: null }),
  "forget-around": (turn) => Object.assign(turn.state, { around: null }),
  "go-to"(turn, { room, seq }) {
    const key = roomKey(room);
    turn.state.goal = { key, seq };
    turn.state.around = null;
    if (turn.state.conversations[key]?.entered) {
      open(turn, key);
      seek(turn);
    } else goInto(turn, { room });
  },
  request(turn, { message, form, then, done, params, goesOn }) {
    if (!isOnline(turn, form)) return;
    if (form) turn.state.form = { id: form, busy: true };
    turn.ask({ what: "request", form, then, done, params, goesOn, t: message.t }, message);
  },
  "form-opened": (turn, { form }) => Object.assign(turn.state, { form: { id: form, busy: false } }),
  "room-password-over": (turn) => Object.assign(turn.state, { roomPassword: null }),
  "refresh-rooms"(turn) {
    if (turn.isReady && !turn.isAsked((asked) => asked.what === "rooms")) turn.ask({ what: "rooms" }, { t: "rooms" });
  },
  login(turn, { name, password, form }) {
    if (!isOnline(turn, form)) return;
    turn.state.form = { id: form, busy: true };
    turn.ask({ what: "request", form, then: { password }, t: "login" }, { t: "login", name, password });
  },
  logout(turn) {
    if (isOnline(turn)) turn.ask({ what: "request", t: "logout" }, { t: "logout" });
  },
  quit(turn) {
    turn.send({ t: "quit" });
    turn.do("forget");
  },
  "decline-invitation"(turn, { room }) {
    turn.state.invitations = turn.state.invitations.filter((each) => !same(each.room, room));
  },
  draft(turn, { key, text }) {
    turn.state.drafts = { ...turn.state.drafts };
    if (text) turn.state.drafts[key] = text;
    else delete turn.state.drafts[key];
  },
  "dismiss-toast": (turn, { id }) => dismiss(turn, id),
  language(turn, { lang }) {
    turn.state.lang = lang;
  },
};

export function dismiss(turn, id) {
  turn.state.toasts = turn.state.toasts.filter((toast) => toast.id !== id);
}

export function forgetEverything(turn) {
  Object.assign(turn.state, {
    conversations: {},
    pending: [],
    current: null,
    name: null,
    drafts: {},
    invitations: [],
    search: null,
  });
}

function talkTo(turn, name) {
  if (same(name, turn.state.name)) return;
  const key = privateKey(name);
  if (!turn.edit(key)) turn.put(conversation("private", name));
  open(turn, key);
}

function goInto(turn, { room, password }) {
  const name = room.trim().replace(/^#/, "");
  const key = roomKey(name);
  if (!name) return;
  turn.state.roomPassword = null;
  WISHES["decline-invitation"](turn, { room: name });
  const known = turn.edit(key);
  if (known?.entered && !known.out) open(turn, key);
  else if (turn.isReady) join(turn, name, { password });
  else if (turn.state.place === "naming") turn.state.wantedRooms = [...turn.state.wantedRooms, { room: name, password }];
  else isOnline(turn);
}

/** Whether the server can be asked; else the person is told. */
function isOnline(turn, form) {
  if (turn.isReady) return true;
  if (form) turn.state.form = { id: form, busy: false, errorKey: "offline" };
  else turn.toast("error", { key: "offline" });
  return false;
}

function aboutMessage(turn, key, kind, about, text) {
  const room = turn.edit(key);
  if (room && about != null) post(turn, key, { t: "say", room: room.name, text, kind, about });
}

/** A line was entered in a conversation; `replyTo` is the message it answers. */
function compose(turn, { key, text, replyTo }) {
  const talk = turn.edit(key);
  if (!talk) return;
  const intent = understood(text, { room: talk.kind === "room" ? talk.name : null, lobby: turn.state.lobby });
  switch (intent.do) {
    case "nothing":
      return;
    case "talk":
    case "me":
      say(turn, talk, intent, replyTo);
      return;
    case "tell":
      talkTo(turn, intent.to);
      if (intent.text) say(turn, turn.edit(privateKey(intent.to)), intent);
      return;
    case "all":
      if (fits(turn, intent.text, key))
        post(turn, roomKey(turn.state.lobby), { t: "all", text: withEmojis(intent.text) });
      return;
    case "problem":
      turn.toast("error", { key: intent.key, params: intent.params });
      turn.do("keep-input", { key, text });
      return;
    case "show":
      turn.do("show", { what: intent.what, query: intent.query });
      return;
    default:
      WISHES[intent.do](turn, { key, ...intent });
  }
}

function say(turn, talk, { do: how, text: typed }, replyTo) {
  const text = withEmojis(typed);
  if (!fits(turn, text, talk.key, typed)) return;
  if (talk.kind === "private") {
    post(turn, talk.key, { t: "msg", to: talk.name, text: how === "me" ? `* ${turn.state.name} ${text}` : text });
    return;
  }
  const message = { t: "say", room: talk.name, text };
  if (how === "me") message.kind = "me";
  if (replyTo != null) Object.assign(message, { kind: "reply", about: replyTo });
  post(turn, talk.key, message);
}

function fits(turn, text, key, typed = text) {
  const bytes = new TextEncoder();
  const size = bytes.encode(text).length;
  const limits = turn.state.limits;
  const line = bytes.encode(JSON.stringify(text)).length + 400;
  if ((!limits.text_bytes || size <= limits.text_bytes) && (!limits.line_bytes || line <= limits.line_bytes))
    return true;
  turn.toast("error", { key: "text_too_long", params: { size, limit: limits.text_bytes } });
  turn.do("keep-input", { key, text: typed });
  return false;
}
