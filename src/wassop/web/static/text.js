// Text of others made harmless, and what stands in it: links, names, searched words. Pure.

// Embeddings, overrides and isolates reorder what follows them (Trojan Source); the marks U+200E, U+200F and U+061C
// only hint, and are left alone. As the terminal client has it (core/text.py).
const HARMFUL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e001f}]/gu;
const LINK = /\bhttps?:\/\/[^\s<>"'`{}|\\^\u0000-\u0020\u2000-\u200b\u3000]+/giu;
const NAME_PART = "[\\p{L}\\p{M}\\p{Nd}_.\\-]";
const AT_NAME = new RegExp(`(?<!${NAME_PART})@${NAME_PART}{1,32}`, "gu");
const WORD = /[\p{L}\p{N}\p{M}]+/gu;

/** `text` with every control character replaced by a picture of it; line ends stay if `lines`. */
export function visible(text, lines = false) {
  const shown = text.replace(/\r\n/g, "\n").replace(HARMFUL, pictured);
  return lines ? shown : shown.replace(/\n/g, "␊");
}

function pictured(char) {
  const code = char.codePointAt(0);
  if (code === 9) return " ";
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return "␡";
  if (code === 0x85 || code === 0x2028 || code === 0x2029) return "␤";
  return "\ufffd";
}

/** Whether `text` calls `name` with an @. */
export function mentions(text, name) {
  if (!name || !text.includes("@")) return false;
  const wanted = name.toLowerCase();
  return [...text.matchAll(AT_NAME)].some(([found]) => isName(found.slice(1), wanted));
}

function isName(found, wanted) {
  const name = found.toLowerCase();
  return name === wanted || name.replace(/[.\-]+$/, "") === wanted;
}

/** `text` as pieces in order: {text}, {link, text}, {at, text}; `isPerson` tells which names are people's. */
export function pieces(text, isPerson = () => false) {
  const found = [];
  for (const match of text.matchAll(LINK)) {
    const link = trimmed(match[0]);
    if (isSafe(link)) found.push({ start: match.index, text: link, link });
  }
  for (const match of text.matchAll(AT_NAME)) {
    const name = [match[0].slice(1), match[0].slice(1).replace(/[.\-]+$/, "")].find(isPerson);
    if (name) found.push({ start: match.index, text: `@${name}`, at: name });
  }
  found.sort((one, other) => one.start - other.start);
  const result = [];
  let end = 0;
  for (const { start, ...piece } of found) {
    if (start < end) continue; // a name inside a link
    if (start > end) result.push({ text: text.slice(end, start) });
    result.push(piece);
    end = start + piece.text.length;
  }
  if (end < text.length) result.push({ text: text.slice(end) });
  return result;
}

/** A link without the punctuation that ends the sentence around it. */
function trimmed(link) {
  let end = link.length;
  while (end > 0) {
    const last = link[end - 1];
    if (/[.,;:!?…*_~]/.test(last)) end -= 1;
    else if (last === ")" && count(link.slice(0, end), ")") > count(link.slice(0, end), "(")) end -= 1;
    else if (last === "]" && count(link.slice(0, end), "]") > count(link.slice(0, end), "[")) end -= 1;
    else break;
  }
  return link.slice(0, end);
}

const count = (text, char) => text.split(char).length - 1;

/** Only what the browser itself takes for an http address, whatever it looks like. */
export function isSafe(link) {
  try {
    return ["http:", "https:"].includes(new URL(link).protocol);
  } catch {
    return false;
  }
}

/** `text` as it is compared: lower case, without accents. */
export const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** `text` in pieces {text, found}, where a whole word of `words` stands, whatever its case and accents. */
export function withFound(text, words) {
  const wanted = new Set([...words.matchAll(WORD)].map(([word]) => folded(word)));
  const result = [];
  let end = 0;
  for (const match of text.matchAll(WORD)) {
    if (!wanted.has(folded(match[0]))) continue;
    if (match.index > end) result.push({ text: text.slice(end, match.index) });
    result.push({ text: match[0], found: true });
    end = match.index + match[0].length;
  }
  if (end < text.length) result.push({ text: text.slice(end) });
  return result;
}

/** Whether a text is nothing but a few emojis, which are drawn larger then. */
export function isJustEmojis(text) {
  return (
    text.length <= 40 &&
    /^(?:[\p{Emoji_Presentation}\p{Extended_Pictographic}\u200d\ufe0f\u{1f3fb}-\u{1f3ff}\u{1f1e6}-\u{1f1ff}]|\s){1,24}$/u.test(
      text,
    ) &&
    /\S/.test(text)
  );
}

/** Which of ten colours a name has; the same every time. */
export function colourOf(name) {
  let hash = 2166136261;
  for (const char of name.toLowerCase()) hash = Math.imul(hash ^ char.codePointAt(0), 16777619);
  return (hash >>> 0) % 10;
}

/** The first character of a name, as a person would say it. */
export const initialOf = (name) => [...visible(name)][0]?.toUpperCase() ?? "?";

/** The first `most` characters of a text, on one line. */
export function excerpt(text, most = 90) {
  const line = visible(text.split(/\s+/).join(" ").trim());
  const chars = [...line];
  return chars.length > most ? `${chars.slice(0, most - 1).join("")}…` : line;
}

/** What somebody did who keeps order, in the audit log's word for it; that word itself where there is no other. */
export const deed = (t, table, action) => (Object.hasOwn(table, `did_${action}`) ? t(`did_${action}`) : action);
