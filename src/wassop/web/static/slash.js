// What a person typed, as an intent. Pure: it knows words, not the server. The grammar of the moderating commands is
// that of the plain dialect and of the terminal client (wire/slash.py).

const SHORTHANDS = { LOVE: "❤️", LIKE: "👍", DISLIKE: "👎" };
const UNITS = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 };
const ROLES = { op: "operator", deop: "member", voice: "voice", devoice: "member" };
const FLAGS = { "invite-only": "invite_only", hidden: "hidden", permanent: "permanent", moderated: "moderated" };

/** The commands as completion and help show them: word, whether something follows, the key of its purpose. */
export const COMMANDS = [
  ["join", true],
  ["leave", false],
  ["msg", true],
  ["me", true],
  ["topic", true],
  ["all", true],
  ["search", true],
  ["away", true],
  ["back", false],
  ["op", true],
  ["deop", true],
  ["voice", true],
  ["devoice", true],
  ["kick", true],
  ["ban", true],
  ["unban", true],
  ["bans", false],
  ["mute", true],
  ["unmute", true],
  ["invite", true],
  ["mode", true],
  ["help", false],
].map(([word, takes]) => ({ word, takes, purpose: `cmd_${word}` }));

/** What `line` means in the room `room` (null in a private conversation). */
export function understood(line, { room, lobby }) {
  const text = line.trim();
  if (!text) return { do: "nothing" };
  if (Object.hasOwn(SHORTHANDS, text)) return { do: "talk", text: SHORTHANDS[text] };
  if (text.startsWith("//")) return { do: "talk", text: text.slice(1) };
  if (!text.startsWith("/") || text === "/") return { do: "talk", text };
  const [, word, rest] = /^\/(\S*)\s*([^]*)$/.exec(text);
  const act = Object.hasOwn(ACTS, word) ? ACTS[word] : null;
  if (!act) return problem("unknown_command", { command: `/${word}` });
  if (act.inRoom && room === null) return problem("only_in_room", { command: `/${word}` });
  return act.read(rest.trim(), { room, lobby, word }) || problem("incomplete", { usage: `/${word} ${act.usage}` });
}

const problem = (key, params) => ({ do: "problem", key, params });
const request = (message) => ({ do: "request", message });

const ACTS = {
  join: { usage: "…", read: (rest) => rest && { do: "join", room: rest } },
  leave: { usage: "", read: () => ({ do: "leave" }) },
  msg: {
    usage: "@… …",
    read(rest) {
      const [name, text] = split(rest);
      return name && { do: "tell", to: name, text };
    },
  },
  me: { usage: "…", read: (rest) => rest && { do: "me", text: rest } },
  all: { usage: "…", read: (rest) => rest && { do: "all", text: rest } },
  topic: {
    usage: "…",
    inRoom: true,
    read: (rest) => (rest ? { do: "topic", text: rest === "-" ? "" : rest } : { do: "show", what: "topic" }),
  },
  search: { usage: "…", read: (rest) => ({ do: "show", what: "search", query: rest }) },
  help: { usage: "", read: () => ({ do: "show", what: "help" }) },
  away: {
    usage: "…",
    read: (rest) => ({ do: "request", message: { t: "away", text: rest }, then: { away: rest }, done: "away_on" }),
  },
  back: {
    usage: "",
    read: () => ({ do: "request", message: { t: "away", back: true }, then: { away: null }, done: "away_off" }),
  },
  ...Object.fromEntries(
    Object.entries(ROLES).map(([word, role]) => [
      word,
      {
        usage: "@…",
        inRoom: true,
        read: (rest, { room }) => rest && request({ t: "role", room, who: split(rest)[0], role }),
      },
    ]),
  ),
  kick: {
    usage: "@… […]",
    inRoom: true,
    read(rest, { room }) {
      const [who, reason] = split(rest);
      return who && request({ t: "kick", room, who, ...(reason && { reason }) });
    },
  },
  ban: { usage: "@… [10m|2h|7d] […]", inRoom: true, read: (rest, { room }) => timed("ban", room, rest) },
  unban: {
    usage: "@…",
    inRoom: true,
    read: (rest, { room }) => rest && request({ t: "unban", room, ...targeted(split(rest)[0]) }),
  },
  bans: { usage: "", inRoom: true, read: () => ({ do: "show", what: "bans" }) },
  mute: { usage: "@… [10m] […]", inRoom: true, read: (rest, { room }) => timed("mute", room, rest) },
  unmute: {
    usage: "@…",
    inRoom: true,
    read: (rest, { room }) => rest && request({ t: "unmute", room, who: split(rest)[0] }),
  },
  invite: {
    usage: "@…",
    inRoom: true,
    read: (rest, { room }) =>
      rest && {
        ...request({ t: "invite", room, who: split(rest)[0] }),
        done: "invited_them",
        params: { name: split(rest)[0] },
      },
  },
  mode: {
    usage: "invite-only|hidden|permanent|moderated|slow|password …",
    inRoom: true,
    read(rest, { room }) {
      if (!rest) return { do: "show", what: "modes" };
      const set = modes(rest);
      return set && request({ t: "modes", room, set });
    },
  },
};

/** The first word, without an @, and the rest. */
function split(rest) {
  const [, first, others] = /^(\S*)\s*([^]*)$/.exec(rest);
  return [first.replace(/^@/, ""), others];
}

function timed(t, room, rest) {
  const [who, others] = split(rest);
  if (!who) return null;
  const [first, after] = split(others);
  const seconds = duration(first);
  const reason = seconds === null ? others : after;
  const target = t === "ban" ? targeted(who) : { who };
  return request({ t, room, ...target, ...(seconds !== null && { for_s: seconds }), ...(reason && { reason }) });
}

/** Seconds of `10m`, `2h`, `7d`; null for what is none. */
export function duration(text) {
  const match = /^(\d{1,6})([smhdw])$/i.exec(text);
  return match ? Number(match[1]) * UNITS[match[2].toLowerCase()] : null;
}

/** Whom a ban means: a person, an account or a network. */
function targeted(word) {
  if (word.startsWith("account:")) return { account: word.slice("account:".length) };
  if (/^[0-9a-f.:]+(\/\d{1,3})?$/i.test(word) && /[.:]/.test(word)) return { network: word };
  return { who: word };
}

function modes(rest) {
  const [name, value] = split(rest);
  if (Object.hasOwn(FLAGS, name) && ["on", "off"].includes(value)) return { [FLAGS[name]]: value === "on" };
  if (name === "slow" && /^(off|\d+(\.\d+)?)$/.test(value)) return { slow_s: value === "off" ? 0 : Number(value) };
  if (name === "password" && value) return { password: value === "off" ? "" : value };
  return null;
}
