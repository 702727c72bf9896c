// Coming in, into rooms, and back after a loss of the connection, with nothing missed and nothing twice.

import { aboutsOf } from "./abouts.js";
import { catchUp } from "./gap.js";
import { caughtUp } from "./ledger.js";
import { arrived, cutAdrift } from "./log.js";
import { seek } from "./older.js";
import { deliverAll, startOver } from "./outgoing.js";
import { conversation, HISTORY, roomKey, same } from "./turn.js";

const MAX_REFUSALS = 6; // So often one's own name is asked for again on coming back.

/** Ask to be let in under the wanted name, back into the rooms one was in. */
export function sayHello(turn) {
  const { wanted, epoch, conversations, lang } = turn.state;
  const rooms = Object.values(conversations).filter((each) => each.kind === "room" && each.entered && !each.out);
  const hello = { t: "hello", v: 1, name: wanted.name, lang, client: "wassop web" };
  if (wanted.password) hello.password = wanted.password;
  if (rooms.length) {
    hello.resume = Object.fromEntries(rooms.map((room) => [room.name, room.ledger.mark]));
    hello.epoch = epoch;
  }
  turn.state.entering = true;
  turn.ask({ what: "hello" }, hello);
}

/** The server let one in: for the first time, back into one's rooms, or under another name. */
export function welcomed(turn, welcome) {
  const { state } = turn;
  const before = { name: state.name, epoch: state.epoch };
  Object.assign(state, {
    name: welcome.name,
    wanted: { ...state.wanted, name: welcome.name },
    account: Boolean(welcome.account),
    serverRole: welcome.role || null,
    server: welcome.server,
    lobby: welcome.lobby,
    limits: welcome.limits || {},
    epoch: welcome.epoch || 0,
    online: "ready",
    lostText: null,
    entering: false,
    place: "chat",
    refusals: 0,
    entrance: {},
  });
  turn.do("welcomed");
  if (before.name !== null && !same(before.name, welcome.name)) becomeAnother(turn);
  const resumed = welcome.resumed || [];
  for (const joined of resumed) isBack(turn, joined, before.epoch === state.epoch);
  const back = new Set(resumed.map((joined) => roomKey(joined.room)));
  for (const room of Object.values(state.conversations)) {
    if (room.kind !== "room" || !room.entered || back.has(room.key)) continue;
    turn.edit(room.key).out = { why: "lost" };
    if (room.password) join(turn, room.name, { password: room.password, quiet: true });
  }
  const lobby = roomKey(state.lobby);
  if (!state.conversations[lobby]?.entered) join(turn, state.lobby, { quiet: true });
  for (const room of state.wantedRooms) if (roomKey(room.room) !== lobby) join(turn, room.room, room);
  state.wantedRooms = [];
  if (!state.conversations[state.current]) state.current = lobby;
  startOver(turn);
  deliverAll(turn);
  turn.ask({ what: "rooms" }, { t: "rooms" });
}

export function join(turn, room, { password, quiet = false } = {}) {
  const message = { t: "join", room, history: HISTORY };
  if (password) message.password = password;
  turn.ask({ what: "join", room, password, quiet }, message);
}

function isBack(turn, joined, isSameRun) {
  const room = turn.edit(roomKey(joined.room));
  if (!room) return;
  about(turn, room, joined);
  const since = joined.since ?? Math.min(room.ledger.mark, joined.seq);
  if (since < room.ledger.mark || !isSameRun) cutAdrift(turn, room, since);
  catchUp(turn, room.key, joined);
}

/** Coming back, one finds one's own name taken: perhaps by the connection that broke. */
export function nameStillInUse(turn) {
  turn.state.refusals += 1;
  if (turn.state.refusals >= MAX_REFUSALS) return false;
  turn.do("reconnect");
  return true;
}

/** The server let one into a room. */
export function enteredRoom(turn, joined, asked) {
  const key = roomKey(joined.room);
  let room = turn.edit(key);
  if (room && room.entered && !room.out) {
    about(turn, room, joined);
    if (!asked.quiet) open(turn, key);
    return;
  }
  const waiting = room ? room.lines.filter((line) => line.delivery) : [];
  room = turn.put({ ...conversation("room", joined.room), lines: waiting, abouts: aboutsOf([]), entered: true });
  room.password = asked.password; // To come back with.
  about(turn, room, joined);
  room.oldest = joined.history.length ? joined.history[0].seq : joined.seq + 1;
  for (const said of joined.history) arrived(turn, key, said, false);
  room.ledger = caughtUp(room.ledger, joined.seq);
  const lines = turn.lines(room);
  const unsent = lines.filter((line) => line.delivery && line.seq == null);
  room.lines = [...lines.filter((line) => !unsent.includes(line)), ...unsent];
  if (!asked.quiet) open(turn, key);
  if (joined.seq > 0) turn.ask({ what: "read", key }, { t: "read", room: room.name });
  deliverAll(turn, key);
  seek(turn);
}

/** So far had one read the room before one came into it. */
export function readBefore(turn, key, seq) {
  const room = turn.edit(key);
  if (!room) return;
  room.read = Math.max(room.read, seq);
  if (seq === 0) return; // never here before: nothing is newer than anything else
  const news = room.lines.filter((line) => line.seq != null && line.seq > seq && !line.own);
  if (news.length === 0 || room.newFrom !== null) return;
  room.newFrom = news[0].id;
  if (turn.state.current !== key) {
    room.unread = news.length;
    room.mentions = news.filter((line) => line.mention).length;
  }
}

/** Make a conversation the current one. */
export function open(turn, key) {
  const { state } = turn;
  if (!state.conversations[key] || state.current === key) return;
  const before = turn.edit(state.current);
  if (before) before.newFrom = null;
  state.current = key;
  state.looking = { ...state.looking, bottom: true };
  seen(turn, key);
}

/** One is no longer in a conversation: on to another. */
export function forgetRoom(turn, key) {
  const { state } = turn;
  state.conversations = { ...state.conversations };
  delete state.conversations[key];
  state.pending = state.pending.filter((pending) => pending.key !== key);
  if (state.current === key) {
    state.current = null;
    open(turn, Object.keys(state.conversations).at(-1) || roomKey(state.lobby));
  }
}

/** The newest of a conversation is before somebody's eyes. */
export function seen(turn, key) {
  const shown = turn.edit(key);
  if (!shown || !turn.state.looking.visible || !turn.state.looking.bottom) return;
  shown.unread = 0;
  shown.mentions = 0;
  if (shown.kind === "room" && shown.entered && !shown.readDue && shown.ledger.mark > shown.read) {
    shown.readDue = true;
    turn.do("later", { ms: 1200, event: { on: "tell-read", key } });
  }
}

/** Tell the server how far one has read. */
export function tellRead(turn, key) {
  const room = turn.edit(key);
  if (!room) return;
  room.readDue = false;
  if (!turn.isReady || room.gap !== null || room.out || room.ledger.mark <= room.read) return;
  room.read = room.ledger.mark;
  turn.send({ t: "read", room: room.name, seq: room.read });
}

/** Take over what `joined` tells of a room besides its messages. */
function about(turn, room, joined) {
  room.name = joined.room;
  room.members = new Map(joined.members.map((name) => [name.toLowerCase(), name]));
  room.roles = new Map(Object.entries(joined.roles || {}).map(([name, role]) => [name.toLowerCase(), role]));
  room.role = joined.role || null;
  room.modes = joined.modes || {};
  room.topic = joined.topic || null;
  room.muted = joined.muted || null;
  room.out = null;
  const away = Object.entries(joined.away || {}).map(([name, text]) => [name.toLowerCase(), text]);
  const others = [...turn.state.away].filter(([name]) => !room.members.has(name));
  turn.state.away = new Map([...others, ...away]);
}

/** One goes by another name now: what was said under it is one's own, and private talks were somebody else's. */
function becomeAnother(turn) {
  const { state } = turn;
  for (const { key, kind } of Object.values(state.conversations)) {
    if (kind === "private") forgetRoom(turn, key);
    else {
      const room = turn.edit(key);
      room.lines = room.lines.map((line) =>
        line.type === "talk" ? { ...line, own: same(line.from, state.name) } : line,
      );
    }
  }
}
