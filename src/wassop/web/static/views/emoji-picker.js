// The emoji picker: found by its names, chosen by mouse or arrow keys.

import { emojisLike, GROUPS, nameOf } from "../emojis.js";
import { Component, createRef, html } from "./html.js";
import { Hanging } from "./layers.js";

const COLUMNS = 8;

export class EmojiPicker extends Component {
  state = { words: "" };
  field = createRef();
  grid = createRef();

  componentDidMount() {
    this.field.current.focus();
  }

  onKey = (event) => {
    const buttons = [...this.grid.current.querySelectorAll("button")];
    const place = buttons.indexOf(document.activeElement);
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[event.key];
    if (place < 0) {
      if (event.key === "ArrowDown") buttons[0]?.focus();
      else if (event.key === "Enter") buttons[0]?.click();
      else return;
    } else if (step === undefined) return;
    else if (place + step < 0) this.field.current.focus();
    else buttons[Math.min(buttons.length - 1, place + step)].focus();
    event.preventDefault();
  };

  render({ t, anchor, align, onPick, onClose }, { words }) {
    const groups = words.trim()
      ? [{ group: null, emojis: emojisLike(words).map(({ emoji, name }) => ({ emoji, names: [name] })) }]
      : GROUPS;
    const button = ({ emoji, names }) => html`
      <button type="button" tabindex="-1" aria-label=${names[0].replaceAll("_", " ")} title=${`:${names[0]}:`} onClick=${() => onPick(emoji)}>${emoji}</button>
    `;
    return html`
      <${Hanging} class="picker" anchor=${anchor} align=${align} onClose=${onClose} role="dialog"
        aria-label=${t("emojis")}>
        <div onKeyDown=${this.onKey}>
          <input ref=${this.field} type="text" class="field" aria-label=${t("emoji_search")}
            placeholder=${t("emoji_search")}
            value=${words} autocomplete="off" onInput=${(event) => this.setState({ words: event.target.value })} />
          <div class="emoji-grid" ref=${this.grid} tabindex="-1">
            ${groups.map(
              ({ group, emojis }) => html`
              ${group && html`<h3>${t(`group_${group}`)}</h3>`}
              <div class="emojis">${emojis.map(button)}</div>
            `,
            )}
            ${groups[0].emojis.length === 0 && html`<p class="hint">${t("emoji_none")}</p>`}
          </div>
        </div>
      <//>
    `;
  }
}

/** A row of a few emojis, and the way to all. */
export class QuickReactions extends Component {
  row = createRef();

  componentDidMount() {
    this.row.current.querySelector("button").focus();
  }

  onKey = (event) => {
    const buttons = [...this.row.current.querySelectorAll("button")];
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    buttons.at((buttons.indexOf(document.activeElement) + step) % buttons.length).focus();
  };

  render({ t, emojis, anchor, onPick, onMore, onClose }) {
    return html`
      <${Hanging} class="quick" anchor=${anchor} align="end" onClose=${onClose} role="dialog" aria-label=${t("react")}>
        <div ref=${this.row} class="quick-row" onKeyDown=${this.onKey}>
          ${emojis.map(
            (emoji) => html`
            <button type="button" aria-label=${t("react_with", { emoji: nameOf(emoji).replaceAll("_", " ") })}
              onClick=${() => onPick(emoji)}>${emoji}</button>
          `,
          )}
          <button type="button" class="more" aria-label=${t("emojis")} onClick=${onMore}>+</button>
        </div>
      <//>
    `;
  }
}
