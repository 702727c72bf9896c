// What happens when the server says something.

import { enteredRoom, forgetRoom, nameStillInUse, readBefore, seen, welcomed } from "./arrival.js";
import { closeGap, gapPage } from "./gap.js";
import { acknowledged, arrived, presenceNoted, privately, stopTyping } from "./log.js";
import { olderPage, olderRefused, shownAround } from "./older.js";
import { notStored, refused, settle } from "./outgoing.js";
import { privateKey, roomKey, same } from "./turn.js";

const TYPING_MS = 6000;
const MAX_PRESENCE = 8; // More comings and goings at once are not told by name.
const UNWAITED = new Set(["room-moderated", "muted", "slow-mode", "not-in-room", "not-allowed", "no-such-room"]);
const LAST_WORDS = new Set(["kicked", "banned", "not-allowed", "tls-required", "logged-out"]);

/** Do what `message` says. */
export function heard(turn, message) {
  const act = HEARD[message.t];
  if (act) act(turn, message);
}

const HEARD = {
  welcome(turn, message) {
    const asked = turn.answered(message.re);
    if (asked?.then?.password) turn.state.wanted = { name: message.name, password: asked.then.password };
    if (asked?.form) formDone(turn, asked.form);
    welcomed(turn, message);
  },
  joined(turn, message) {
    enteredRoom(turn, message, turn.answered(message.re) || { quiet: true });
  },
  left(turn, message) {
    turn.answered(message.re);
    forgetRoom(turn, roomKey(message.room));
  },
  said(turn, message) {
    const key = roomKey(message.room);
    const room = turn.edit(key);
    if (!room || !room.entered) return;
    if (room.gap !== null) room.gap = { ...room.gap, held: [...room.gap.held, message] };
    else arrived(turn, key, message);
    if (turn.state.current === key) seen(turn, key);
  },
  msg(turn, message) {
    privately(turn, message);
    const key = privateKey(same(message.from, turn.state.name) ? message.to : message.from);
    if (turn.state.current === key) seen(turn, key);
  },
  ok(turn, message) {
    const asked = turn.answered(message.re);
    if (asked) ANSWERED[asked.what]?.(turn, asked, message);
  },
  error(turn, message) {
    failed(turn, turn.answered(message.re), message);
  },
  history(turn, message) {
    const asked = turn.answered(message.re);
    if (asked?.what === "older") olderPage(turn, asked, message);
    else if (asked?.what === "gap") gapPage(turn, asked.key, message);
    else if (asked?.what === "around") shownAround(turn, asked, message);
  },
  found(turn, message) {
    const asked = turn.answered(message.re);
    if (asked?.what !== "search" || asked.number !== turn.state.search?.number) return;
    const earlier = asked.goesOn ? turn.state.search.messages : [];
    turn.state.search = {
      ...turn.state.search,
      busy: false,
      messages: [...earlier, ...message.messages],
      more: message.more,
    };
  },
  read(turn, message) {
    const asked = turn.answered(message.re);
    if (asked?.what !== "read") return;
    readBefore(turn, asked.key, message.seq);
    if (turn.state.current === asked.key) seen(turn, asked.key);
  },
  rooms(turn, message) {
    turn.answered(message.re);
    turn.state.listed = message.rooms;
  },
  who(turn, message) {
    const asked = turn.answered(message.re);
    if (message.away) for (const [name, text] of Object.entries(message.away)) putAway(turn, name, text);
    if (message.room == null) turn.state.people = message.members;
    if (asked?.form) formDone(turn, asked.form);
  },
  presence,
  topic(turn, message) {
    const { room, text, from, at } = message;
    if (takeTopic(turn, roomKey(room), { text, from, at })) {
      turn.note(roomKey(room), text ? "topic_set" : "topic_removed", { name: from, topic: text });
    }
  },
  typing(turn, message) {
    const key = message.to ? privateKey(message.from) : roomKey(message.room);
    const where = turn.edit(key);
    if (!where || same(message.from, turn.state.name)) return;
    const typist = { name: message.from, until: turn.now + TYPING_MS / 1000 };
    where.typing = new Map(where.typing).set(message.from.toLowerCase(), typist);
    turn.do("later", { ms: TYPING_MS + 50, event: { on: "typing-over", key } });
  },
  role(turn, message) {
    const room = turn.edit(roomKey(message.room));
    if (!room) return;
    room.roles = new Map(room.roles).set(message.who.toLowerCase(), message.role);
    if (message.role === "member") room.roles.delete(message.who.toLowerCase());
    if (same(message.who, turn.state.name)) room.role = message.role === "member" ? null : message.role;
    turn.note(room.key, "role_set", { name: message.who, role: message.role, by: message.from });
  },
  modes(turn, message) {
    const asked = turn.answered(message.re);
    const room = turn.edit(roomKey(message.room));
    if (room) room.modes = message.modes;
    if (room && message.from && message.re === undefined) turn.note(room.key, "modes_set", { name: message.from });
    if (asked?.form) formDone(turn, asked.form);
  },
  kicked(turn, message) {
    const { who, from, reason, ban } = message;
    if (message.room == null) return;
    const room = turn.edit(roomKey(message.room));
    if (!room) return;
    turn.members(room).delete(who.toLowerCase());
    turn.note(room.key, ban ? "banned_by" : "kicked_by", { name: who, by: from, reason: reason || "" });
    if (same(who, turn.state.name)) room.out = { why: ban ? "banned" : "kicked", by: from, reason };
  },
  muted(turn, { room: name, who, from, until, reason }) {
    const room = turn.edit(roomKey(name));
    if (!room) return;
    if (same(who, turn.state.name)) room.muted = { until, reason };
    turn.note(room.key, "muted_by", { name: who, by: from, reason: reason || "" });
  },
  unmuted(turn, { room: name, who, from }) {
    const room = turn.edit(roomKey(name));
    if (!room) return;
    if (same(who, turn.state.name)) room.muted = null;
    turn.note(room.key, "unmuted_by", { name: who, by: from });
  },
  invited(turn, { room, from }) {
    const others = turn.state.invitations.filter((each) => !same(each.room, room));
    turn.state.invitations = [...others, { room, from }];
    turn.toast("info", { key: "invited", params: { room, name: from } });
    turn.do("notify", { key: roomKey(room), room, from, text: null });
  },
  away(turn, message) {
    putAway(turn, message.who, message.back ? null : message.text || "");
  },
  bans: told("bans"),
  audit: told("audit"),
  accounts: told("accounts"),
  "logged-out"(turn, message) {
    turn.answered(message.re);
    turn.do("forget");
  },
  slow(turn) {
    turn.toast("info", { key: "slow" });
  },
  bye(turn, { reason, text }) {
    if (LAST_WORDS.has(reason)) {
      Object.assign(turn.state, { place: "out", outText: text, pending: [] });
      turn.do("stop");
    } else if (reason !== "quit" && reason !== "unnamed") turn.state.lostText = text;
  },
  ping(turn, message) {
    turn.send(message.id == null ? { t: "pong" } : { t: "pong", re: message.id });
  },
};

/** Answers to requests that are shown in a dialog: kept by what they are. */
function told(what) {
  return (turn, message) => {
    const asked = turn.answered(message.re);
    const earlier = asked?.goesOn ? turn.state.told[what]?.[what === "audit" ? "entries" : what] || [] : [];
    const entries = what === "audit" ? { entries: [...earlier, ...message.entries] } : {};
    turn.state.told = { ...turn.state.told, [what]: { ...message, ...entries } };
    if (asked?.form) formDone(turn, asked.form);
  };
}

function presence(turn, news) {
  const key = roomKey(news.room);
  const room = turn.edit(key);
  if (!room) return;
  const members = turn.members(room);
  const isOther = (name) => !same(name, turn.state.name);
  const joined = (news.joined || []).filter((name) => isOther(name) && !members.has(name.toLowerCase()));
  const isHere = (name) => isOther(name) && members.has(name.toLowerCase());
  const left = (news.left || []).filter(isHere);
  const gone = (news.gone || []).filter(isHere);
  for (const name of joined) members.set(name.toLowerCase(), name);
  const lost = [...left, ...gone].map((name) => name.toLowerCase());
  for (const name of lost) {
    members.delete(name);
    stopTyping(room, name);
  }
  if (lost.some((name) => room.roles.has(name))) {
    room.roles = new Map(room.roles);
    for (const name of lost) room.roles.delete(name);
  }
  if (key === roomKey(turn.state.lobby)) return; // everybody comes through there
  for (const [what, names] of [
    ["joined", joined],
    ["left", left],
    ["gone", gone],
  ]) {
    if (names.length && names.length <= MAX_PRESENCE) presenceNoted(turn, key, what, names);
  }
}

const ANSWERED = {
  message(turn, asked, ok) {
    const pending = settle(turn, asked.id);
    if (!pending) return;
    acknowledged(turn, pending, ok);
    if (pending.message.t === "msg" && ok.away !== undefined) {
      const talk = turn.edit(pending.key);
      if (talk && talk.toldAway !== ok.away) {
        talk.toldAway = ok.away;
        turn.note(pending.key, "is_away", { name: talk.name, text: ok.away });
      }
    }
    if (turn.state.current === pending.key) seen(turn, pending.key);
  },
  topic(turn, asked, ok) {
    const topic = { text: asked.text, from: turn.state.name, at: ok.at ?? turn.now };
    if (takeTopic(turn, asked.key, topic)) {
      turn.note(asked.key, asked.text ? "topic_set" : "topic_removed", { name: turn.state.name, topic: asked.text });
    }
    if (asked.form) formDone(turn, asked.form);
  },
  request(turn, asked) {
    if (asked.form) formDone(turn, asked.form);
    if (asked.then?.account !== undefined) turn.state.account = asked.then.account;
    if (asked.then?.password) {
      turn.state.wanted = { ...turn.state.wanted, password: asked.then.password };
      turn.do("stay-logged-in"); // A name that is registered has no session yet, and another password ended it.
    }
    if (asked.then?.away !== undefined) putAway(turn, turn.state.name, asked.then.away);
    if (asked.then?.refresh) turn.ask({ what: "request" }, asked.then.refresh);
    if (asked.done) turn.toast("info", { key: asked.done, params: asked.params });
  },
};

function failed(turn, asked, error) {
  const { code, text } = error;
  const { state } = turn;
  if (code === "unknown-t" && asked?.t) state.unsupported = { ...state.unsupported, [asked.t]: true };
  switch (asked?.what) {
    case "hello":
      if (code === "name-taken" && state.name !== null && nameStillInUse(turn)) return;
      Object.assign(state, { place: "naming", entering: false, refusals: 0 });
      state.entrance = {
        code,
        text,
        name: state.wanted?.name,
        needsPassword: code === "password-needed" || code === "login-failed",
      };
      state.wanted = null;
      return;
    case "message":
      if (code === "not-stored") notStored(turn, asked.id, text);
      else refused(turn, asked.id, text);
      return;
    case "read":
    case "rooms":
      return;
    case "older":
      olderRefused(turn, asked, text);
      return;
    case "gap":
      closeGap(turn, asked.key);
      turn.toast("error", { text });
      return;
    case "search":
      if (asked.number === state.search?.number) state.search = { ...state.search, busy: false, error: text };
      return;
    case "join":
      state.goal = null;
      if (turn.edit(roomKey(asked.room))?.entered === false) turn.edit(roomKey(asked.room)).out = { why: "lost" };
      if (code === "room-password-needed" || code === "room-password-wrong") {
        state.roomPassword = { room: asked.room, error: code === "room-password-wrong" ? text : null };
      } else turn.toast("error", { text });
      return;
    case "leave":
      if (code === "not-in-room") forgetRoom(turn, asked.key);
      else turn.toast("error", { text });
      return;
    default:
      // Only what nobody waits for has no number: that one is typing.
      if (asked === undefined && UNWAITED.has(code)) return;
      if (asked?.form) state.form = { id: asked.form, busy: false, error: text, code };
      else turn.toast("error", { text });
  }
}

function formDone(turn, id) {
  if (turn.state.form?.id === id) turn.state.form = { id, busy: false, done: true };
}

/** Of two topics of a room the one with the greater time counts, in whichever order they are read. */
function takeTopic(turn, key, topic) {
  const room = turn.edit(key);
  if (!room || (room.topic && topic.at <= room.topic.at)) return false;
  room.topic = topic;
  return true;
}

function putAway(turn, name, text) {
  turn.state.away = new Map(turn.state.away);
  if (text === null) turn.state.away.delete(name.toLowerCase());
  else turn.state.away.set(name.toLowerCase(), text);
}
