// What was said before the oldest message on the page, and the way to one message.

import { putAbove } from "./log.js";
import { HISTORY, MAX_LINES } from "./turn.js";

const MAX_BACK = 2000; // What is further back is not gone to, but shown with what stands around it.
const AROUND = 20;

/** Whether nothing was said before what is shown. */
export const beginsHere = (room) => room.whole || room.oldest <= 1;

/** Whether nothing more is fetched, because very much is here. */
export const isFull = (room) => room.lines.length + HISTORY > MAX_LINES;

/** Somebody scrolled up to the oldest message that is here. */
export function atTop(turn, key) {
  const room = turn.state.conversations[key];
  if (!room || room.kind !== "room" || !room.entered || room.gap !== null || beginsHere(room)) return;
  if (isFull(room) || !turn.isReady || isFetching(turn, key)) return;
  fetch(turn, turn.edit(key), HISTORY);
}

export function olderPage(turn, asked, page) {
  const room = turn.edit(asked.key);
  if (!room) return;
  room.fetching = false;
  if (room.oldest !== asked.before) return; // left and entered again meanwhile
  const older = page.messages.filter((said) => said.seq < room.oldest);
  putAbove(turn, room, older);
  if (older.length) room.oldest = older[0].seq;
  room.whole = !(older.length && page.more);
  seek(turn);
}

export function olderRefused(turn, asked, text) {
  const room = turn.edit(asked.key);
  turn.state.goal = null;
  if (room) {
    room.fetching = false;
    room.whole = true; // else the page would ask for ever
  }
  turn.toast("error", { text });
}

export function forgetOlder(turn) {
  for (const { key, fetching } of Object.values(turn.state.conversations))
    if (fetching) turn.edit(key).fetching = false;
  turn.state.goal = null;
}

/** Go on towards the goal: show it, or fetch more until it is there. */
export function seek(turn) {
  const { goal } = turn.state;
  const room = goal && turn.edit(goal.key);
  if (!room || !room.entered || room.gap !== null) return;
  // What is about a message is shown there.
  const about = room.aboutLog.find((each) => each.seq === goal.seq)?.about;
  const line = room.lines.find((each) => each.seq === (about ?? goal.seq));
  if (line) {
    turn.state.goal = null;
    turn.do("reveal", { key: room.key, id: line.id });
    return;
  }
  const distance = room.oldest - goal.seq;
  if (distance > MAX_BACK || (distance > 0 && room.lines.length + distance > MAX_LINES)) {
    turn.state.goal = null;
    const request = { t: "history", room: room.name, before: goal.seq + AROUND / 2 + 1, limit: AROUND + 1 };
    turn.ask({ what: "around", key: room.key, seq: goal.seq }, request);
  } else if (distance > 0 && !beginsHere(room)) {
    if (!isFetching(turn, room.key)) fetch(turn, room, Math.max(HISTORY, turn.state.limits.history || 0));
  } else {
    turn.state.goal = null;
    turn.toast("error", { key: "message_gone" });
  }
}

/** A message that is far away came, with what was said before and after it. */
export function shownAround(turn, asked, page) {
  if (!page.messages.some((said) => said.seq === asked.seq)) {
    turn.toast("error", { key: "message_gone" });
    return;
  }
  turn.state.around = { room: page.room, seq: asked.seq, messages: page.messages };
}

const isFetching = (turn, key) => turn.isAsked((asked) => asked.what === "older" && asked.key === key);

function fetch(turn, room, limit) {
  room.fetching = true;
  const asked = { what: "older", key: room.key, before: room.oldest };
  turn.ask(asked, { t: "history", room: room.name, before: room.oldest, limit });
}
