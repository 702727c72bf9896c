// What was said while one was away: shown in order before anything that came after it.
//
// Rule 1: while a gap is open, what is said in the room is held, not noted; should the connection break, the server
// tells it again.

import { has, caughtUp } from "./ledger.js";
import { arrived } from "./log.js";
import { seek } from "./older.js";
import { deliverAll, settleOld } from "./outgoing.js";

/** Show of `joined.history` what was not seen, and fetch what it does not hold. */
export function catchUp(turn, key, joined) {
  const room = turn.edit(key);
  const history = joined.history.filter((said) => !has(room.ledger, said.seq));
  const first = history.length ? history[0].seq : joined.seq + 1;
  if (joined.complete !== false || first <= room.ledger.mark + 1) {
    show(turn, key, history);
    isCaughtUp(turn, key, joined.seq);
    return;
  }
  room.gap = { held: history, upTo: joined.seq };
  askOn(turn, room);
}

/** A part of what is missing came. */
export function gapPage(turn, key, page) {
  const room = turn.edit(key);
  if (!room || room.gap === null) return;
  const end = endOf(room.gap);
  const missed = page.messages.filter((said) => said.seq < end);
  if (missed.length) tellMissing(turn, room, missed[0].seq);
  show(turn, key, missed);
  if (missed.length) room.ledger = caughtUp(room.ledger, missed.at(-1).seq);
  if (missed.length && page.more && room.ledger.mark + 1 < end) askOn(turn, room);
  else closeGap(turn, key);
}

/** Nothing more is to be had of what is missing; on with what was held. */
export function closeGap(turn, key) {
  const room = turn.edit(key);
  if (!room || room.gap === null) return;
  const { held, upTo } = room.gap;
  tellMissing(turn, room, endOf(room.gap));
  room.gap = null;
  show(turn, key, held);
  isCaughtUp(turn, key, upTo);
  deliverAll(turn, key);
  seek(turn);
}

/** The connection is gone: the next one begins with what is still missing. */
export function forgetGaps(turn) {
  for (const { key, gap } of Object.values(turn.state.conversations)) if (gap !== null) turn.edit(key).gap = null;
}

function askOn(turn, room) {
  const limit = Math.max(1, turn.state.limits.history || 50);
  turn.ask({ what: "gap", key: room.key }, { t: "history", room: room.name, after: room.ledger.mark, limit });
}

const endOf = (gap) => (gap.held.length ? gap.held[0].seq : gap.upTo + 1);

function show(turn, key, history) {
  for (const said of history) arrived(turn, key, said);
}

function isCaughtUp(turn, key, seq) {
  const room = turn.edit(key);
  room.ledger = caughtUp(room.ledger, seq);
  settleOld(turn, key, seq);
}

function tellMissing(turn, room, first) {
  const count = first - 1 - room.ledger.mark;
  if (count > 0) turn.note(room.key, "missing", { count });
}
