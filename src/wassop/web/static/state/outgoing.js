// Messages of one's own: on the page from the moment they were entered, sent until the server has them.
//
// One that waits is {id, key, message, failures}: `id` is its line's (or, for an edit and the like, its own), `key`
// its conversation's. Said again with the same nonce, the server stores and tells it once.

import { changeLine } from "./log.js";
import { isSaying } from "./abouts.js";

const MAX_RETRIES = 5; // So often a message that could not be stored is sent again on one connection.
const FIRST_PAUSE_MS = 2000;

/** Show and send a new message; `message` is a say, msg or all without a nonce. */
export function post(turn, key, message) {
  const id = turn.newId();
  const target = turn.edit(key);
  const whole = { ...message, nonce: `${turn.state.noncePrefix}-${id}` };
  if (isSaying(message.kind)) {
    const line = {
      id,
      type: "talk",
      seq: null,
      from: turn.state.name,
      text: message.text,
      at: turn.now,
      own: true,
      nonce: whole.nonce,
      kind: message.kind || "say",
      delivery: "waiting",
    };
    if (message.about != null) line.about = message.about;
    if (message.t === "all") line.all = true;
    turn.lines(target).push(line);
    target.newFrom = null;
    target.typedAt = 0; // what is typed next is news to the others
  }
  turn.state.pending = [...turn.state.pending, { id, key, message: whole, failures: 0 }];
  deliver(turn, turn.state.pending.at(-1));
}

/** Send a message now, unless that must wait: for the connection, or for a gap in which it may stand itself. */
export function deliver(turn, pending) {
  const target = turn.edit(pending.key);
  if (!turn.isReady || (target && target.gap !== null)) return;
  if (target && target.kind === "room" && !target.entered && pending.message.t === "say") return;
  if (turn.isAsked((asked) => asked.what === "message" && asked.id === pending.id)) return;
  turn.ask({ what: "message", id: pending.id }, pending.message);
  if (target) changeLine(turn, target, pending.id, { delivery: "waiting", reason: undefined });
}

/** Send again what has no answer: all of it, or what goes to the conversation `key`. */
export function deliverAll(turn, key = null) {
  for (const pending of turn.state.pending) if (key === null || pending.key === key) deliver(turn, pending);
}

/** What was told long before message `upTo` counts as delivered, though its answer was never seen.
 *
 * What was told lately is said again, for it may not be on disk yet; the server knows it by its nonce. Of what
 * is older, it may have forgotten that. */
export function settleOld(turn, key, upTo) {
  const remembered = turn.state.limits.history || 0;
  const room = turn.edit(key);
  for (const pending of turn.state.pending.filter((each) => each.key === key)) {
    const line = room.lines.find((each) => each.id === pending.id);
    if (line && line.seq != null && upTo - line.seq >= remembered / 2) {
      settle(turn, pending.id);
      changeLine(turn, room, pending.id, { delivery: undefined, reason: undefined });
    }
  }
}

/** A message waits no longer; what it was. */
export function settle(turn, id) {
  const pending = turn.state.pending.find((each) => each.id === id);
  if (pending) turn.state.pending = turn.state.pending.filter((each) => each.id !== id);
  return pending;
}

/** The server refused a message for good. */
export function refused(turn, id, reason) {
  const pending = settle(turn, id);
  const target = pending && turn.edit(pending.key);
  if (!target) return;
  if (isSaying(pending.message.kind))
    changeLine(turn, target, id, { delivery: "failed", reason, message: pending.message });
  else turn.toast("error", { text: reason });
}

/** The server could not put a message on record; it is sent again after a pause, a few times. */
export function notStored(turn, id, reason) {
  const waiting = turn.state.pending.find((each) => each.id === id);
  if (!waiting) return;
  const failures = waiting.failures + 1;
  if (failures > MAX_RETRIES) {
    refused(turn, id, reason);
    return;
  }
  turn.state.pending = turn.state.pending.map((each) => (each.id === id ? { ...each, failures } : each));
  turn.do("later", { ms: FIRST_PAUSE_MS * 2 ** (failures - 1), event: { on: "retry", id, failures } });
  const target = turn.edit(waiting.key);
  if (target) changeLine(turn, target, id, { reason });
}

/** The pause before another try is over, unless it belonged to an earlier connection. */
export function retry(turn, { id, failures }) {
  const pending = turn.state.pending.find((each) => each.id === id);
  if (pending && pending.failures === failures) deliver(turn, pending);
}

/** On a new connection all tries begin anew. */
export function startOver(turn) {
  turn.state.pending = turn.state.pending.map((each) => ({ ...each, failures: 0 }));
}

/** The person wants a refused message said again, or gone. */
export function again(turn, key, id) {
  const target = turn.edit(key);
  const line = target && target.lines.find((each) => each.id === id);
  if (!line || line.delivery !== "failed") return;
  discard(turn, key, id);
  const { nonce: _, ...message } = line.message;
  post(turn, key, message);
}

export function discard(turn, key, id) {
  const target = turn.edit(key);
  if (!target) return;
  const lines = turn.lines(target);
  const place = lines.findIndex((line) => line.id === id && line.delivery === "failed");
  if (place >= 0) lines.splice(place, 1);
}
