// What can be done, where, and by whom: the entries of all menus. The server decides; here is only offered what it
// would allow (core/roles.py).

import { standing } from "../state/abouts.js";
import { roomKey, same } from "../state/turn.js";
import { visible } from "../text.js";

const RANKS = { member: 1, voice: 2, operator: 3, owner: 4 };
const SERVER_RANKS = { moderator: 3, admin: 4 };

/** What one counts as in a room: 1 (member) to 4 (owner). */
export function ownRank(state, talk) {
  return Math.max(1, RANKS[talk.role] ?? 1, SERVER_RANKS[state.serverRole] ?? 1);
}

const isIn = (talk) => talk.kind === "room" && talk.entered && !talk.out;

/** What can be done with a message: by name, for the menu and for the keyboard. */
export function messageDeeds(app, talk, line) {
  const { state } = app;
  const { text, deleted } = standing(line, talk.abouts[line.seq]);
  const isLive = isIn(talk) && line.seq != null && !deleted && !line.delivery;
  return {
    react: isLive && ((anchor, log) => log.openReactions(line, anchor)),
    reply: isLive && (() => app.compose({ key: talk.key, replyTo: line, text })),
    edit: isLive && line.own && (() => app.compose({ key: talk.key, editing: { seq: line.seq, text } })),
    copy: !deleted && (() => app.copy(text)),
    delete:
      isLive &&
      (line.own || ownRank(state, talk) >= RANKS.operator) &&
      (() => app.open({ kind: "delete", talkKey: talk.key, seq: line.seq, from: line.from, text })),
  };
}

export function messageItems(app, talk, line) {
  const { t, state } = app;
  const deeds = messageDeeds(app, talk, line);
  const offered = (name, more = {}) => deeds[name] && { label: t(name), act: deeds[name], ...more };
  const items = [offered("reply"), offered("edit"), offered("copy"), offered("delete", { danger: true })];
  if (!line.own) items.push(...personItems(app, talk, line.from));
  return items;
}

export function personItems(app, talk, name) {
  const { t, state } = app;
  if (same(name, state.name)) return ownItems(app).slice(0, 4);
  const shown = visible(name);
  const items = [
    { heading: shown },
    { label: t("write_private"), act: () => app.talkTo(name) },
    isIn(talk) && { label: t("mention"), act: () => app.insert(talk.key, `@${name} `) },
  ];
  const rank = isIn(talk) ? ownRank(state, talk) : 1;
  const theirs = talk.roles.get(name.toLowerCase()) ?? "member";
  const isAbove = rank > RANKS[theirs] || state.serverRole === "admin";
  if (rank >= RANKS.operator && isAbove && talk.key !== undefined) {
    const role = (wanted, key) => ({
      label: t(key),
      act: () => app.request({ t: "role", room: talk.name, who: name, role: wanted }),
    });
    const restrict = (what) => ({
      label: t(what),
      danger: true,
      act: () => app.open({ kind: "restrict", what, who: name, room: talk.name }),
    });
    items.push(
      theirs !== "voice" && role("voice", "make_voice"),
      rank >= RANKS.owner && theirs !== "operator" && role("operator", "make_operator"),
      rank >= RANKS.owner && theirs !== "owner" && role("owner", "make_owner"),
      theirs !== "member" && role("member", "make_member"),
      restrict("mute"),
      { label: t("unmute"), act: () => app.request({ t: "unmute", room: talk.name, who: name }) },
      restrict("kick"),
      restrict("ban"),
    );
  }
  if (SERVER_RANKS[state.serverRole]) {
    const everywhere = (what, key) => ({
      label: t(key),
      danger: true,
      act: () => app.open({ kind: "restrict", what, who: name, room: null }),
    });
    items.push(everywhere("kick", "kick_from_server"), everywhere("ban", "ban_from_server"));
  }
  return items;
}

export function roomItems(app, talk) {
  const { t, state } = app;
  if (talk.kind === "private") {
    return [{ label: t("close_private"), act: () => app.act({ on: "leave", key: talk.key }) }];
  }
  const isLobby = talk.key === roomKey(state.lobby);
  const rank = ownRank(state, talk);
  const may = (least) => isIn(talk) && rank >= RANKS[least];
  return [
    { label: t("search"), act: () => app.open({ kind: "search", room: talk.name }) },
    !isLobby &&
      isIn(talk) &&
      (!talk.modes.moderated || may("operator")) && {
        label: t("topic_change"),
        act: () => app.open({ kind: "topic", talkKey: talk.key }),
      },
    !isLobby &&
      isIn(talk) &&
      (!talk.modes.invite_only || may("operator")) && {
        label: t("invite"),
        act: () => app.open({ kind: "invite", room: talk.name }),
      },
    may("operator") && { label: t("modes"), act: () => app.open({ kind: "modes", talkKey: talk.key }) },
    may("operator") && { label: t("bans"), act: () => app.open({ kind: "bans", room: talk.name }) },
    SERVER_RANKS[state.serverRole] && { label: t("audit"), act: () => app.open({ kind: "audit", room: talk.name }) },
    !isLobby && { label: t("leave"), act: () => app.act({ on: "leave", key: talk.key }) },
  ];
}

export function ownItems(app) {
  const { t, state } = app;
  const isAway = state.away.has(state.name?.toLowerCase());
  const can = (word) => !state.unsupported[word];
  return [
    { heading: visible(state.name || "") },
    can("away") &&
      (isAway
        ? {
            label: t("back_menu"),
            act: () => app.request({ t: "away", back: true }, { then: { away: null }, done: "away_off" }),
          }
        : { label: t("away_menu"), act: () => app.open({ kind: "away" }) }),
    !state.account &&
      app.config.registration &&
      can("register") && { label: t("register"), act: () => app.open({ kind: "register" }) },
    !state.account && can("login") && { label: t("login"), act: () => app.open({ kind: "login" }) },
    state.account && { label: t("change_password"), act: () => app.open({ kind: "password" }) },
    SERVER_RANKS[state.serverRole] && { label: t("bans"), act: () => app.open({ kind: "bans", room: null }) },
    SERVER_RANKS[state.serverRole] && { label: t("audit"), act: () => app.open({ kind: "audit", room: null }) },
    { label: t("settings"), act: () => app.open({ kind: "settings" }) },
    { label: t("help"), act: () => app.open({ kind: "help" }) },
    { label: t("logout"), act: () => app.open({ kind: "logout" }), danger: true },
  ];
}
