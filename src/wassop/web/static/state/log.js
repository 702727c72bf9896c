// What is said: each message on the page once, in the order of the room's numbers.
//
// Rule 1: a number is noted when its message is shown; what is noted is not shown again.
// Rule 2: a message that got another number in a later run of the server is known by its author and nonce.
//
// A line is {id, type: "talk", seq, from, text, at, own, nonce, kind, about, all, delivery, reason} or one of the
// page's own, {id, type: "note", key, params, at}. `delivery` is "waiting", "failed" or absent.

import { mentions } from "../text.js";
import { aboutsOf, isSaying, withAbout } from "./abouts.js";
import { has, noting, rolledBack } from "./ledger.js";
import { conversation, MAX_LINES, privateKey, same } from "./turn.js";

const SAME_TIME_S = 0.0015; // Times have three decimals; the last one may be rounded otherwise.
const MAX_MERGED = 40; // So many comings and goings share a line.

/** A message of a room one is in came, now or from its history; `live`: it is news. */
export function arrived(turn, key, said, live = true) {
  const room = turn.edit(key);
  if (has(room.ledger, said.seq)) return;
  const overtaken = room.ledger.ahead.length > 0;
  room.ledger = noting(room.ledger, said.seq);
  if (!isSaying(said.kind)) {
    takeAbout(turn, room, said);
    return;
  }
  stopTyping(room, said.from);
  const known = waitingLine(turn, room, said) ?? driftingLine(room, said);
  if (known !== null) {
    changeLine(turn, room, known, { at: said.at });
    numbered(turn, room, known, said.seq);
    return;
  }
  const line = lineOf(turn, said);
  const lines = turn.lines(room);
  const place = overtaken ? neighbours(room, said.seq).bigger : -1;
  if (place < 0) lines.push(line);
  else lines.splice(place, 0, line);
  if (live) noticed(turn, room, line);
  bound(turn, room, lines);
}

export function lineOf(turn, said) {
  const line = {
    id: turn.newId(),
    type: "talk",
    seq: said.seq,
    from: said.from,
    text: said.text,
    at: said.at,
    own: same(said.from, turn.state.name),
    nonce: said.nonce,
    kind: said.kind || "say",
  };
  if (said.about != null) line.about = said.about;
  if (said.quote) line.quote = said.quote;
  if (said.all) line.all = true;
  if (said.deleted) line.deleted = true;
  if (said.edited) line.edited = true;
  return line;
}

/** A message of one's own is stored. */
export function acknowledged(turn, pending, ok) {
  const target = turn.edit(pending.key);
  if (target === undefined) return;
  const at = ok.at ?? turn.now;
  if (!isSaying(pending.message.kind)) {
    if (ok.seq == null || has(target.ledger, ok.seq)) return;
    target.ledger = noting(target.ledger, ok.seq);
    const { kind, about, text } = pending.message;
    takeAbout(turn, target, { seq: ok.seq, from: turn.state.name, kind, about, text, at });
    return;
  }
  changeLine(turn, target, pending.id, { delivery: undefined, reason: undefined, at, kept: ok.kept });
  if (target.kind === "room" && ok.seq != null) {
    target.ledger = noting(target.ledger, ok.seq);
    numbered(turn, target, pending.id, ok.seq);
  }
}

/** Somebody said something to oneself alone, or one said it from elsewhere. */
export function privately(turn, message) {
  const own = same(message.from, turn.state.name);
  const other = own ? message.to : message.from;
  const key = privateKey(other);
  const talk = turn.edit(key) || turn.put(conversation("private", other));
  const isKnown = (line) => line.nonce != null && line.nonce === message.nonce && same(line.from, message.from);
  if (talk.lines.some(isKnown)) return;
  stopTyping(talk, message.from);
  const line = { ...lineOf(turn, { ...message, seq: null }), kept: message.kept };
  const lines = turn.lines(talk);
  lines.push(line);
  noticed(turn, talk, line);
  bound(turn, talk, lines);
}

/** What was seen in `room` after number `since` belongs to an earlier run of the server. */
export function cutAdrift(turn, room, since) {
  const lines = turn.lines(room);
  const adrift = new Set(room.adrift);
  lines.forEach((line, place) => {
    if (line.type === "talk" && line.seq != null && line.seq > since) {
      lines[place] = { ...line, seq: null };
      adrift.add(line.id);
    }
  });
  room.adrift = [...adrift];
  room.ledger = rolledBack(room.ledger, since);
  room.read = Math.min(room.read, since);
  room.aboutLog = room.aboutLog.filter((entry) => entry.seq <= since);
  room.abouts = aboutsOf(room.aboutLog);
  if (since + 1 < room.oldest) {
    // Nothing that is shown counts any more.
    room.oldest = since + 1;
    room.whole = false;
  }
}

/** Put older messages at the top of a room's. */
export function putAbove(turn, room, older) {
  for (const said of older) if (!isSaying(said.kind)) takeAbout(turn, room, said);
  const lines = older.filter((said) => isSaying(said.kind)).map((said) => lineOf(turn, said));
  turn.lines(room).unshift(...lines);
}

export function changeLine(turn, room, id, changes) {
  const lines = turn.lines(room);
  const place = placeOf(lines, id);
  if (place >= 0) lines[place] = { ...lines[place], ...changes };
}

/** Somebody came or went; what follows such a line goes on in it. */
export function presenceNoted(turn, key, what, names) {
  const room = turn.edit(key);
  const last = room.lines.at(-1);
  if (last && last.key === "presence" && last.params.events.length + names.length <= MAX_MERGED) {
    const events = [...last.params.events, ...names.map((name) => ({ what, name }))];
    turn.lines(room)[room.lines.length - 1] = { ...last, params: { events } };
  } else if (names.length) {
    turn.note(key, "presence", { events: names.map((name) => ({ what, name })) });
  }
}

export function stopTyping(room, name) {
  const key = name.toLowerCase();
  if (!room.typing.has(key)) return;
  room.typing = new Map(room.typing);
  room.typing.delete(key);
}

/** Whether the newest of a conversation is before somebody's eyes. */
export const isLookedAt = (state, key) => state.current === key && state.looking.visible && state.looking.bottom;

function noticed(turn, room, line) {
  if (line.own || line.deleted) return;
  const looked = isLookedAt(turn.state, room.key);
  const called = room.kind === "private" || isForMe(turn, room, line);
  if (called && room.kind === "room") line.mention = true;
  if (looked) {
    turn.do("announce", { from: line.from, text: line.text });
    return;
  }
  if (room.unread === 0) room.newFrom = line.id;
  room.unread += 1;
  if (called) {
    room.mentions += 1;
    turn.do("notify", {
      key: room.key,
      room: room.kind === "room" ? room.name : null,
      from: line.from,
      text: line.text,
    });
    turn.do("announce", { from: line.from, room: room.name, text: line.text });
  }
}

function isForMe(turn, room, line) {
  if (mentions(line.text, turn.state.name)) return true;
  if (line.kind !== "reply") return false;
  if (line.quote) return same(line.quote.from, turn.state.name);
  return room.lines.some((other) => other.own && other.seq != null && other.seq === line.about);
}

function takeAbout(turn, room, { seq, from, kind, about, text, at }) {
  const entry = { seq, from, kind, about, text, at };
  if (kind === "delete") {
    // Its text is kept nowhere, not here either.
    const line = room.lines.find((each) => each.seq === about);
    if (line) changeLine(turn, room, line.id, { text: "", deleted: true });
    room.aboutLog = room.aboutLog.filter((each) => each.about !== about || each.kind !== "edit");
  }
  room.aboutLog = [...room.aboutLog, entry];
  room.abouts = withAbout(room.abouts, entry);
}

/** The line of a message of one's own that waits for its answer, and is the one that was said. */
function waitingLine(turn, room, said) {
  if (said.nonce == null) return null;
  const waiting = turn.state.pending.find((each) => each.key === room.key && each.message.nonce === said.nonce);
  if (waiting === undefined) return null;
  const line = room.lines.find((each) => each.id === waiting.id);
  return same(said.from, turn.state.name) || (line && same(line.from, said.from)) ? waiting.id : null;
}

/** The line of an earlier run that is told again. */
function driftingLine(room, said) {
  if (room.adrift.length === 0) return null;
  const adrift = new Set(room.adrift);
  const line = room.lines.find((each) => adrift.has(each.id) && same(each.from, said.from) && isSame(each, said));
  return line ? line.id : null;
}

function isSame(line, said) {
  if (line.nonce != null || said.nonce != null) return line.nonce === said.nonce;
  return line.text === said.text && Math.abs(line.at - said.at) < SAME_TIME_S;
}

/** Line `id` is message `seq`; it moves to where that belongs. */
function numbered(turn, room, id, seq) {
  room.adrift = room.adrift.filter((each) => each !== id);
  const lines = turn.lines(room);
  let place = placeOf(lines, id);
  if (place < 0) return;
  const line = { ...lines[place], seq };
  const { smaller, bigger } = neighbours(room, seq, id);
  lines.splice(place, 1);
  if (smaller > place)
    place = smaller; // after it, where one line less stands before
  else if (bigger >= 0 && bigger < place) place = bigger;
  lines.splice(place, 0, line);
}

/** Where the next smaller and the next bigger number stand; -1 where there is none. */
function neighbours(room, seq, except = 0) {
  let bigger = -1;
  for (let place = room.lines.length - 1; place >= 0; place -= 1) {
    const line = room.lines[place];
    if (line.type !== "talk" || line.seq == null || line.id === except) continue;
    if (line.seq < seq) return { smaller: place, bigger };
    bigger = place;
  }
  return { smaller: -1, bigger };
}

function placeOf(lines, id) {
  for (let place = lines.length - 1; place >= 0; place -= 1) if (lines[place].id === id) return place;
  return -1;
}

/** Forget the oldest lines of very many, but not while somebody reads them. */
function bound(turn, room, lines) {
  if (lines.length <= (isLookedAt(turn.state, room.key) ? MAX_LINES : 2 * MAX_LINES)) return;
  const dropped = lines.splice(0, lines.length - MAX_LINES + MAX_LINES / 4);
  const newest = dropped.reduce((most, line) => Math.max(most, line.seq || 0), 0);
  if (newest < room.oldest) return;
  room.oldest = newest + 1;
  room.whole = false;
  room.aboutLog = room.aboutLog.filter(({ about }) => about >= room.oldest);
  room.abouts = aboutsOf(room.aboutLog);
}
