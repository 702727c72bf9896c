// Where one writes: with what is being answered or edited, suggestions, and the emoji picker.

import { emojisLike, unfinishedShortcut } from "../emojis.js";
import { COMMANDS } from "../slash.js";
import { excerpt, folded, visible } from "../text.js";
import { Component, createRef, html, IconButton } from "./html.js";
import { Author } from "./words.js";

const MOST = 8; // So many suggestions at once.

export class Composer extends Component {
  state = { suggestions: [], chosen: 0 };
  field = createRef();

  componentDidMount() {
    this.begin();
  }

  componentDidUpdate(before) {
    const { app, talk } = this.props;
    if (before.talk.key !== talk.key || before.app.ui.composing !== app.ui.composing) this.begin();
    else if (before.app.ui.input !== app.ui.input && app.ui.input?.key === talk.key) {
      if (!app.ui.input.insert) this.resume();
      this.put(app.ui.input.text, app.ui.input.insert);
    }
  }

  get composing() {
    const { ui } = this.props.app;
    return ui.composing?.key === this.props.talk.key ? ui.composing : null;
  }

  /** Show what was begun here, and let the person go on. */
  begin() {
    const { app, talk } = this.props;
    const { composing } = this;
    const field = this.field.current;
    if (!field) return;
    if (this.editing !== composing?.editing) {
      field.value = composing?.editing ? composing.editing.text : app.state.drafts[talk.key] || "";
    } else if (this.key !== talk.key) field.value = app.state.drafts[talk.key] || "";
    this.editing = composing?.editing;
    this.key = talk.key;
    this.grow();
    this.setState({ suggestions: [] });
    if (!app.isTouch || composing) field.focus();
  }

  /** What was entered could not be sent: what it answers or changes is so again. */
  resume() {
    const { sent } = this;
    this.sent = null;
    if (sent?.key !== this.props.talk.key) return;
    this.editing = sent.editing;
    this.props.app.compose(sent);
  }

  /** Put `text` into the field: instead of what is there, or where the cursor is. */
  put(text, insert = false) {
    const field = this.field.current;
    if (insert) field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    else field.value = text;
    this.changed();
    field.focus();
  }

  grow() {
    const field = this.field.current;
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight + 2, window.innerHeight * 0.35)}px`;
  }

  changed = () => {
    const { app, talk } = this.props;
    const field = this.field.current;
    this.grow();
    if (!this.editing) app.act({ on: "draft", key: talk.key, text: field.value });
    if (field.value.trim() && !field.value.startsWith("/")) app.act({ on: "typed", key: talk.key });
    this.setState({ suggestions: this.suggested(field.value.slice(0, field.selectionStart)), chosen: 0 });
  };

  suggested(before) {
    const { app, talk } = this.props;
    const shortcut = unfinishedShortcut(before);
    if (shortcut) {
      const like = emojisLike(shortcut.slice(1), MOST);
      return like.map(({ emoji, name }) => ({ text: emoji, replaces: shortcut.length, shown: `${emoji}  :${name}:` }));
    }
    const at = /(?:^|\s)(@[^\s@]*)$/u.exec(before);
    if (at) {
      const wanted = folded(at[1].slice(1));
      const names = [...talk.members.values()].filter(
        (name) => folded(name).startsWith(wanted) && name !== app.state.name,
      );
      return names
        .sort()
        .slice(0, MOST)
        .map((name) => ({ text: `@${name} `, replaces: at[1].length, shown: visible(name) }));
    }
    const slash = /^\/(\w*)$/.exec(before);
    if (!slash) return [];
    const found = COMMANDS.filter(({ word }) => word.startsWith(slash[1]));
    return found.slice(0, MOST).map(({ word, takes, purpose }) => ({
      text: `/${word}${takes ? " " : ""}`,
      replaces: before.length,
      shown: `/${word}`,
      more: app.t(purpose),
    }));
  }

  accept(suggestion) {
    const field = this.field.current;
    const end = field.selectionStart;
    field.setRangeText(suggestion.text, end - suggestion.replaces, end, "end");
    this.changed();
    this.setState({ suggestions: [] });
    field.focus();
  }

  onKey = (event) => {
    const { suggestions, chosen } = this.state;
    const field = this.field.current;
    if (event.isComposing) return;
    if (suggestions.length) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) this.setState({ chosen: (chosen + step + suggestions.length) % suggestions.length });
      else if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey && !this.isWhole()))
        this.accept(suggestions[chosen]);
      else if (event.key === "Escape") this.setState({ suggestions: [] });
      else if (event.key === "Enter" && !event.shiftKey) this.send();
      else return;
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send();
    } else if (event.key === "ArrowUp" && !field.value) {
      event.preventDefault();
      this.props.app.editLast(this.props.talk);
    } else if (event.key === "Escape" && this.composing) {
      event.preventDefault();
      event.stopPropagation();
      this.props.app.show({ composing: null });
    }
  };

  /** Whether what was typed needs no suggestion any more. */
  isWhole() {
    const { text, replaces } = this.state.suggestions[this.state.chosen];
    const { value, selectionStart: end } = this.field.current;
    return value.slice(end - replaces, end) === text.trim();
  }

  send = () => {
    const { app, talk } = this.props;
    const { composing } = this;
    const field = this.field.current;
    const text = field.value;
    if (!text.trim()) return;
    field.value = "";
    this.editing = undefined;
    this.sent = composing;
    if (!composing?.editing) app.act({ on: "draft", key: talk.key, text: "" });
    if (composing) app.show({ composing: null });
    if (composing?.editing) {
      if (text.trim() !== composing.editing.text)
        app.act({ on: "edit", key: talk.key, seq: composing.editing.seq, text });
    } else app.act({ on: "compose", key: talk.key, text, replyTo: composing?.replyTo?.seq });
    app.toBottom();
    this.grow();
    this.setState({ suggestions: [] });
    field.focus();
  };

  openPicker = (event) => {
    const pick = (emoji) => {
      this.props.app.show({ layer: null });
      this.put(emoji, true);
    };
    this.props.app.show({ layer: { kind: "picker", anchor: event.currentTarget, align: "end", onPick: pick } });
  };

  render({ app, talk }, { suggestions, chosen }) {
    const { t } = app;
    const { composing } = this;
    const label = t(talk.kind === "private" ? "write_to_person" : "write_to", { name: visible(talk.name) });
    const choose = (suggestion) => (event) => {
      event.preventDefault();
      this.accept(suggestion);
    };
    return html`
      <div class="composer">
        ${
          suggestions.length > 0 &&
          html`
          <ul class="suggestions" id="suggestions" role="listbox" aria-label=${t("suggestions")}>
            ${suggestions.map(
              (suggestion, place) => html`
              <li id=${`s${place}`} role="option" aria-selected=${place === chosen} onMouseDown=${choose(suggestion)}>
                <bdi>${suggestion.shown}</bdi>${suggestion.more && html`<span>${suggestion.more}</span>`}
              </li>
            `,
            )}
          </ul>
        `
        }
        ${composing && html`<${About} composing=${composing} app=${app} />`}
        <div class="write">
          <textarea ref=${this.field} id="composer" rows="1" dir="auto" aria-label=${label} placeholder=${label}
            autocomplete="off"
            aria-autocomplete="list" aria-controls=${suggestions.length ? "suggestions" : undefined}
            aria-activedescendant=${suggestions.length ? `s${chosen}` : undefined}
            enterkeyhint="send" onInput=${this.changed} onKeyDown=${this.onKey}
            onBlur=${() => this.setState({ suggestions: [] })}></textarea>
          <${IconButton} name="smile" label=${t("emojis")} aria-haspopup="dialog" onClick=${this.openPicker} />
          <${IconButton} name="send" class="send" label=${t("send")} onClick=${this.send} />
        </div>
      </div>
    `;
  }
}

/** What is being answered or edited. */
const About = ({ composing, app }) => html`
  <div class="composing">
    ${
      composing.editing
        ? html`<span>${app.t("editing")}</span>`
        : html`<span class="answering"><${Answering} t=${app.t} name=${composing.replyTo.from} /> <bdi
          class="quoted">${excerpt(composing.text)}</bdi></span>`
    }
    <${IconButton} name="close" label=${app.t("cancel")} onClick=${() => app.show({ composing: null })} />
  </div>
`;

const Answering = ({ t, name }) => {
  const [before, after] = t("replying_to", { name: "\u0000" }).split("\u0000");
  return html`${before}<${Author} name=${name} />${after}`;
};
