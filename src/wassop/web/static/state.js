// The state of the page, and what becomes of it. No DOM, no clock, no chance: these come in from outside.
//
// `reduce(state, event, now)` returns {state, effects}; `event.on` says what happened. What is drawn is a function of
// the state; what is to be done (send, notify, connect ...) is a list of values.

import { sayHello, seen, tellRead } from "./state/arrival.js";
import { forgetGaps } from "./state/gap.js";
import { heard } from "./state/heard.js";
import { atTop, forgetOlder } from "./state/older.js";
import { retry } from "./state/outgoing.js";
import { conversation, roomKey, Turn } from "./state/turn.js";
import { dismiss, WISHES } from "./state/wishes.js";

const KEPT_LINES = 200; // So many private messages of a conversation outlive a reload of the page.

/** What a page begins with; `kept` is what `worthKeeping` gave before a reload, if it was reloaded. `noncePrefix` no
 * other page has or had: a duplicated one begins with the same `kept`. */
export function initial({ lang, noncePrefix, kept = null, rooms = [] }) {
  const state = {
    lang,
    noncePrefix,
    place: "naming", // "naming", "chat", "out"
    online: "off", // "off", "connecting", "greeting" (connected, without a name), "ready", "away"
    entering: false, // a name was given and not yet answered
    retryIn: null,
    lostText: null,
    outText: null,
    entrance: {}, // why the last name was refused
    wanted: null, // {name, password}
    wantedRooms: rooms.map((room) => ({ room })),
    refusals: 0,
    name: null,
    account: false,
    serverRole: null,
    server: "",
    lobby: "",
    limits: {},
    epoch: null,
    conversations: {}, // by key: "#room", "@person"; see turn.js
    current: null,
    looking: { visible: true, bottom: true },
    listed: [],
    people: [],
    away: new Map(), // texts, by name in lower case
    invitations: [],
    unsupported: {},
    pending: [],
    asked: {},
    nextId: 1,
    nextLine: 1,
    toasts: [],
    form: null,
    told: {},
    search: null,
    around: null,
    goal: null,
    roomPassword: null,
    drafts: {},
  };
  return kept === null ? state : restored(state, kept);
}

export function reduce(state, event, now) {
  const turn = new Turn(state, now);
  const act = EVENTS[event.on] || WISHES[event.on];
  if (!act) throw new Error(`no such event: ${event.on}`);
  act(turn, event);
  return { state: turn.state, effects: turn.effects };
}

const EVENTS = {
  connected(turn) {
    Object.assign(turn.state, { online: "greeting", retryIn: null });
    if (turn.state.wanted) sayHello(turn);
    // A server takes one who says nothing for a person with netcat.
    else turn.send({ t: "ping" });
  },
  hello: (turn) => sayHello(turn),
  lost(turn) {
    const { state } = turn;
    const unanswered = Object.values(state.asked).filter((asked) => asked.what === "join");
    const joins = unanswered.map(({ room, password, quiet }) => ({ room, password, quiet }));
    Object.assign(state, { online: "away", retryIn: null, asked: {}, wantedRooms: [...state.wantedRooms, ...joins] });
    if (state.form?.busy) state.form = { id: state.form.id, busy: false, errorKey: "offline" };
    if (state.search?.busy) state.search = { ...state.search, busy: false, error: null };
    forgetGaps(turn);
    forgetOlder(turn);
    for (const { key, typing } of Object.values(state.conversations)) {
      if (typing.size) turn.edit(key).typing = new Map();
    }
    if (state.wanted === null) {
      state.online = "off";
      turn.do("stop");
    }
  },
  connecting: (turn) => Object.assign(turn.state, { online: "connecting", retryIn: null }),
  waiting: (turn, { seconds }) => Object.assign(turn.state, { online: "away", retryIn: seconds }),
  received(turn, { messages }) {
    for (const message of messages) heard(turn, message);
  },
  looked(turn, { visible, bottom }) {
    const { looking, current } = turn.state;
    turn.state.looking = { visible: visible ?? looking.visible, bottom: bottom ?? looking.bottom };
    if (current) seen(turn, current);
  },
  "at-top": (turn, { key }) => atTop(turn, key),
  "tell-read": (turn, { key }) => tellRead(turn, key),
  "typing-over"(turn, { key }) {
    const room = turn.edit(key);
    if (!room) return;
    const typing = [...room.typing].filter(([, { until }]) => until > turn.now);
    if (typing.length !== room.typing.size) room.typing = new Map(typing);
  },
  retry,
  "toast-over": (turn, { id }) => dismiss(turn, id),
};

/** What should outlive a reload of the page, as plain data; never a password. */
export function worthKeeping(state) {
  if (state.name === null || state.place !== "chat") return null;
  const all = Object.values(state.conversations);
  const here = all.filter((each) => each.kind === "room" && !each.out).map((each) => each.name);
  const rooms = [...here, ...state.wantedRooms.map(({ room }) => room)];
  const privates = all
    .filter((each) => each.kind === "private")
    .map(({ key, name, lines }) => ({ key, name, lines: lines.slice(-KEPT_LINES) }));
  const waiting = Object.fromEntries(
    all
      .filter((each) => each.kind === "room")
      .map(({ key, name, lines }) => [key, { name, lines: lines.filter((line) => line.delivery === "waiting") }])
      .filter(([, { lines }]) => lines.length),
  );
  const { name, account, current, pending, nextLine } = state;
  return { name, account, current, pending, nextLine, rooms, privates, waiting };
}

/** Rooms stand where they stood, and fill up when the server lets one in. */
function restored(state, kept) {
  const conversations = {};
  for (const room of kept.rooms) conversations[roomKey(room)] ??= conversation("room", room);
  for (const [key, { name, lines }] of Object.entries(kept.waiting)) {
    conversations[key] = { ...conversation("room", name), lines };
  }
  for (const { key, name, lines } of kept.privates) conversations[key] = { ...conversation("private", name), lines };
  const rooms = kept.rooms.map((room) => ({ room, quiet: true }));
  const others = state.wantedRooms.filter(({ room }) => !conversations[roomKey(room)]);
  const asked = state.wantedRooms.map(({ room }) => roomKey(room)).find((key) => conversations[key]);
  return {
    ...state,
    name: kept.name,
    account: kept.account,
    current: asked ?? kept.current,
    conversations,
    pending: kept.pending.map((each) => ({ ...each, failures: 0 })),
    nextLine: kept.nextLine,
    wantedRooms: [...rooms, ...others],
  };
}
