// The page's texts in the reader's language. Texts of the server come in that language already.

import { EN } from "./i18n-en.js";
import { ES } from "./i18n-es.js";

export const TABLES = { es: ES, en: EN };

/** The language that was chosen here, or the browser's, or the server's, or Spanish. */
export function chosenLanguage(chosen, wanted = [], ofServer = "es") {
  const candidates = [chosen, ...wanted.map((tag) => tag.slice(0, 2).toLowerCase()), ofServer];
  return candidates.find((lang) => lang && Object.hasOwn(TABLES, lang)) ?? "es";
}

/** `translator("es")("key", {name})`: the text with its `{name}`; of a pair, the first is for a `count` of one. */
export function translator(lang) {
  const table = TABLES[lang];
  return (key, params = {}) => {
    const entry = table[key];
    if (entry === undefined) throw new Error(`no text: ${key}`);
    const text = Array.isArray(entry) ? entry[params.count === 1 ? 0 : 1] : entry;
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in params ? String(params[name]) : whole));
  };
}

/** `ana`, `ana y bob`, `ana, bob y eva`. */
export const listing = (lang, names) => new Intl.ListFormat(lang, { type: "conjunction" }).format(names);

const formats = new Map();

function format(lang, options) {
  const key = lang + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(lang, options));
  return formats.get(key);
}

/** The time of day of a Unix time in seconds. */
export const clock = (lang, at) =>
  format(lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at * 1000);

export const moment = (lang, at) => format(lang, { dateStyle: "full", timeStyle: "medium" }).format(at * 1000);

/** A date and time in few characters. */
export const shortMoment = (lang, at) => format(lang, { dateStyle: "short", timeStyle: "short" }).format(at * 1000);

/** The number of the day of a Unix time, where this browser is. */
export function dayOf(at) {
  const date = new Date(at * 1000);
  return date.getFullYear() * 10000 + date.getMonth() * 100 + date.getDate();
}

/** `hoy`, `ayer`, `lunes, 16 de noviembre`, with the year when it is another. */
export function dayText(lang, at, now, t) {
  const day = dayOf(at);
  if (day === dayOf(now)) return t("today");
  if (day === dayOf(now - 86400)) return t("yesterday");
  const year = new Date(at * 1000).getFullYear() === new Date(now * 1000).getFullYear() ? {} : { year: "numeric" };
  return format(lang, { weekday: "long", day: "numeric", month: "long", ...year }).format(at * 1000);
}
