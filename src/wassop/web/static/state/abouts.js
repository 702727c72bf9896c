// What was said about messages: edits, deletions, reactions.
//
// They are entries of the room's log with numbers of their own; the loaded part of a log has no holes up to its
// end, so whatever concerns a loaded message is loaded, too. They may be read in any order: of two of a kind the
// greater number counts.

const SAYING = new Set(["say", "me", "reply"]);

/** Whether an entry of this kind is a line of its own. */
export const isSaying = (kind) => SAYING.has(kind || "say");

/** `abouts` (by the number of the message) with one more entry {seq, from, kind, about, text, at}. */
export function withAbout(abouts, entry) {
  const before = abouts[entry.about] || {};
  const after = applied(before, entry);
  return after === before ? abouts : { ...abouts, [entry.about]: after };
}

function applied(marks, entry) {
  if (marks.deleted) return marks;
  switch (entry.kind) {
    case "edit":
      if (marks.edit && marks.edit.seq > entry.seq) return marks;
      return { ...marks, edit: { seq: entry.seq, text: entry.text, at: entry.at } };
    case "delete":
      return { deleted: { seq: entry.seq, by: entry.from } };
    case "react":
    case "unreact": {
      const key = `${entry.from.toLowerCase()} ${entry.text}`;
      const reactions = marks.reactions || {};
      if (reactions[key] && reactions[key].seq > entry.seq) return marks;
      const reaction = { seq: entry.seq, from: entry.from, emoji: entry.text, on: entry.kind === "react" };
      return { ...marks, reactions: { ...reactions, [key]: reaction } };
    }
    default:
      return marks;
  }
}

/** Everything in `entries`, from nothing. */
export const aboutsOf = (entries) => entries.reduce(withAbout, {});

/** The reactions to a message in the order of their first coming: [{emoji, names}]. */
export function reactionsIn(marks) {
  const standing = Object.values((marks && marks.reactions) || {}).filter((reaction) => reaction.on);
  standing.sort((one, other) => one.seq - other.seq);
  const groups = new Map();
  for (const { emoji, from } of standing) {
    if (!groups.has(emoji)) groups.set(emoji, []);
    groups.get(emoji).push(from);
  }
  return [...groups].map(([emoji, names]) => ({ emoji, names }));
}

/** What a line says now: {text, edited, deleted}. */
export function standing(line, marks) {
  if (line.deleted || (marks && marks.deleted)) {
    return { text: "", edited: false, deleted: true };
  }
  if (marks && marks.edit) return { text: marks.edit.text, edited: true, deleted: false };
  return { text: line.text, edited: Boolean(line.edited), deleted: false };
}
