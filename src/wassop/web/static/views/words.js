// What people wrote, as elements: text nodes, links, names.

import { colourOf, initialOf, pieces, visible } from "../text.js";
import { html, Still } from "./html.js";

/** A person's or a room's name, kept apart from the direction of the text around it. */
export const Name = ({ name, class: more }) => html`<bdi class=${more}>${visible(name)}</bdi>`;

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
