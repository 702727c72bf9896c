// What people wrote, as elements: text nodes, links, names.

import { listing } from "../i18n.js";
import { colourOf, initialOf, pieces, visible } from "../text.js";
import { html, Still } from "./html.js";

/** A person's or a room's name, kept apart from the direction of the text around it. */
export const Name = ({ name, class: more }) => html`<bdi class=${more}>${visible(name)}</bdi>`;

const MARK = "\u0001"; // Stands in no text that is shown.

/** A text of the page's own with what others wrote in it, each kept apart. A list of names is told as one. */
export function phrase(app, key, params) {
  const all = [];
  const marked = (value) => `${MARK}${all.push(value) - 1}${MARK}`;
  const filled = Object.entries(params).map(([name, value]) => [
    name,
    Array.isArray(value)
      ? listing(app.lang, value.map(marked))
      : typeof value === "string" && value
        ? marked(value)
        : value,
  ]);
  const parts = app.t(key, Object.fromEntries(filled)).trim().split(MARK);
  return parts.map((part, place) => (place % 2 ? html`<bdi>${visible(all[part])}</bdi>` : part));
}

/** A person's name in their colour. */
export const Author = ({ name }) => html`<bdi class=${`author c${colourOf(name)}`}>${visible(name)}</bdi>`;

export const Avatar = ({ name, small }) => html`
  <span class=${`avatar b${colourOf(name)}${small ? " small" : ""}`} aria-hidden="true">${initialOf(name)}</span>
`;

/** A message's text with its links, and the names of those who are here. */
export class Words extends Still {
  render({ text, isPerson, me }) {
    return pieces(text, isPerson).map((piece) => {
      const shown = visible(piece.text, true);
      if (piece.link) return html`<a href=${piece.link} target="_blank" rel="noopener noreferrer">${shown}</a>`;
      if (piece.at) {
        const isMe = me && piece.at.toLowerCase() === me.toLowerCase();
        return html`<bdi class=${isMe ? "at me" : "at"}>${shown}</bdi>`;
      }
      return shown;
    });
  }
}
