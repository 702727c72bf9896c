// The page as a whole: what is open above the chat, the menus, the keyboard.

import { QUICK } from "../emojis.js";
import { translator } from "../i18n.js";
import { privateKey } from "../state/turn.js";
import { Chat } from "./chat.js";
import { EmojiPicker, QuickReactions } from "./emoji-picker.js";
import { Entrance, Out } from "./entrance.js";
import { Component, html, IconButton } from "./html.js";
import { Menu } from "./layers.js";
import { messageDeeds, messageItems, ownItems, personItems, roomItems } from "./menus.js";
import { phrase } from "./words.js";

// Dialogs are fetched when they are first opened.
const DIALOGS = {
  search: () => import("./search.js"),
  help: () => import("./help.js"),
  settings: () => import("./settings.js"),
  delete: () => import("./dialogs.js"),
  topic: () => import("./dialogs.js"),
  away: () => import("./dialogs.js"),
  logout: () => import("./dialogs.js"),
  invite: () => import("./dialogs.js"),
  "room-password": () => import("./dialogs.js"),
  register: () => import("./account.js"),
  login: () => import("./account.js"),
  password: () => import("./account.js"),
  restrict: () => import("./moderation.js"),
  modes: () => import("./moderation.js"),
  bans: () => import("./moderation.js"),
  audit: () => import("./moderation.js"),
};

/** Whether a key writes something, or pastes. */
const isText = ({ key, ctrlKey, metaKey, altKey }) =>
  ctrlKey || metaKey ? key.toLowerCase() === "v" : !altKey && key.length === 1 && key !== " ";

export class App extends Component {
  state = {
    ui: { drawer: null, layer: null, dialog: null, composing: null, reveal: null, input: null, peopleHidden: false },
    loaded: {},
  };
  log = null; // what is shown of the current conversation
  people = new WeakMap();

  /** What never changes, for those who draw seldom. */
  still = {
    act: (event) => this.props.act(event),
    show: (changes) => this.show(changes),
    personMenu: (key, name, anchor) => this.personMenu(key, name, anchor),
  };

  componentDidMount() {
    this.props.still.hold(this);
    document.addEventListener("keydown", this.onKey);
  }

  componentDidUpdate(before) {
    const { roomPassword } = this.props.state;
    const isNew = roomPassword !== null && before.state.roomPassword === null;
    if (isNew && this.state.ui.dialog?.kind !== "room-password") this.open({ kind: "room-password" });
  }

  show = (changes) => this.setState(({ ui }) => ({ ui: { ...ui, ...changes } }));

  open = (dialog) => {
    this.show({ layer: null, drawer: null });
    DIALOGS[dialog.kind]().then((module) => {
      this.setState(({ ui, loaded }) => ({
        ui: { ...ui, dialog },
        loaded: { ...loaded, [dialog.kind]: module.DIALOGS[dialog.kind] },
      }));
    });
  };

  close = () =>
    this.setState(
      ({ ui }) => ({ ui: { ...ui, dialog: null } }),
      () => {
        // What had the focus before the dialog may be gone, as an entry of a menu is.
        if (!this.props.still.isTouch && document.activeElement === document.body) this.focusComposer();
      },
    );
  compose = (composing) => this.show({ composing, layer: null });
  request = (message, more = {}) => this.props.act({ on: "request", message, ...more });
  focusComposer = () => document.getElementById("composer")?.focus();
  toBottom = () => this.log?.toBottom();
  reveal = (reveal) => this.show({ reveal: { ...reveal }, dialog: null, drawer: null });
  input = (input) => this.show({ input: { ...input } });

  /** A typed command asks for something to be shown. */
  asked = (what, query) => {
    const talk = this.props.state.conversations[this.props.state.current];
    const room = talk.kind === "room" ? talk.name : null;
    if (what === "topic") this.open({ kind: "topic", talkKey: talk.key });
    else if (what === "modes") this.open({ kind: "modes", talkKey: talk.key });
    else this.open({ kind: what, room, words: query });
  };

  insert = (key, text) => this.input({ key, text, insert: true });

  goTo = (key) => {
    this.props.act({ on: "open", key });
    this.show({ drawer: null, composing: null });
    if (this.props.still.isTouch) document.activeElement?.blur();
    else this.focusComposer();
  };

  talkTo = (name) => {
    this.props.act({ on: "talk-to", name });
    this.goTo(privateKey(name));
  };

  togglePeople = () => {
    const isNarrow = window.matchMedia("(max-width: 960px)").matches;
    if (isNarrow) this.show({ drawer: this.state.ui.drawer === "people" ? null : "people" });
    else this.show({ peopleHidden: !this.state.ui.peopleHidden });
  };

  menu(items, anchor, align, label) {
    this.show({ layer: { kind: "menu", items, anchor, align, label } });
  }

  messageMenu = (talk, line, anchor) => {
    const app = this.app();
    this.menu(messageItems(app, talk, line), anchor, "end", app.t("more_actions"));
  };

  roomMenu = (talk, anchor) => this.menu(roomItems(this.app(), talk), anchor, "end", this.app().t("room_menu"));
  ownMenu = (anchor) => this.menu(ownItems(this.app()), anchor, "start", this.app().t("your_menu"));

  personMenu = (key, name, anchor) => {
    const talk = this.props.state.conversations[key];
    this.menu(personItems(this.app(), talk, name), anchor, "end", name);
  };

  /** A key was pressed on a message; whether it means something. */
  messageKey = (talk, line, key, element, log) => {
    const deeds = messageDeeds(this.app(), talk, line);
    const deed = { r: "reply", e: "edit", "+": "react", c: "copy", Delete: "delete", Backspace: "delete" }[key];
    if (deed && deeds[deed]) deeds[deed](element, log);
    else if (key === "Enter" || key === " ") this.messageMenu(talk, line, element);
    else return false;
    return true;
  };

  editLast = (talk) => {
    const app = this.app();
    const line = talk.lines.findLast((each) => each.own && messageDeeds(app, talk, each).edit);
    if (line) messageDeeds(app, talk, line).edit();
  };

  isPerson = (talk) => {
    if (!this.people.has(talk.members)) {
      const other = talk.kind === "private" ? [talk.name.toLowerCase(), this.props.state.name?.toLowerCase()] : [];
      this.people.set(
        talk.members,
        (name) => talk.members.has(name.toLowerCase()) || other.includes(name.toLowerCase()),
      );
    }
    return this.people.get(talk.members);
  };

  onKey = (event) => {
    if (this.props.state.place !== "chat" || this.state.ui.dialog) return;
    const mod = event.ctrlKey || event.metaKey;
    if (event.altKey && !mod && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      this.step(event.key === "ArrowUp" ? -1 : 1, event.shiftKey);
    } else if (mod && !event.altKey && event.key.toLowerCase() === "k") {
      this.show({ drawer: "rooms" });
      document.getElementById("go-to-room")?.focus();
    } else if (mod && event.shiftKey && event.key.toLowerCase() === "f") {
      const talk = this.props.state.conversations[this.props.state.current];
      this.open({ kind: "search", room: talk?.kind === "room" ? talk.name : null });
    } else if (event.altKey && !mod && event.key.toLowerCase() === "m") {
      document.querySelector(".log")?.focus();
    } else if (event.key === "Escape" && this.state.ui.drawer) {
      this.show({ drawer: null });
      this.focusComposer();
    } else {
      if (isText(event) && document.activeElement?.matches("body, .log")) this.focusComposer();
      return; // and it is typed there
    }
    event.preventDefault();
  };

  /** To the conversation before or after the current one, or to the next with something new. */
  step(by, unread) {
    const talks = Object.values(this.props.state.conversations);
    const ordered = [...talks.filter(({ kind }) => kind === "room"), ...talks.filter(({ kind }) => kind !== "room")];
    const place = ordered.findIndex(({ key }) => key === this.props.state.current);
    for (let count = 1; count <= ordered.length; count += 1) {
      const talk = ordered.at((place + by * count) % ordered.length);
      if (talk && (!unread || talk.unread > 0)) {
        this.goTo(talk.key);
        return;
      }
    }
  }

  /** What the views know and can do. */
  app() {
    const { state, act, theme, still } = this.props;
    this.t = this.lang === state.lang ? this.t : translator(state.lang);
    this.lang = state.lang;
    return {
      ...still,
      state,
      act,
      theme,
      t: this.t,
      lang: this.lang,
      ui: this.state.ui,
      still: this.still,
      ...this.doings,
    };
  }

  doings = {
    show: this.show,
    open: this.open,
    close: this.close,
    compose: this.compose,
    request: this.request,
    focusComposer: this.focusComposer,
    toBottom: this.toBottom,
    insert: this.insert,
    goTo: this.goTo,
    talkTo: this.talkTo,
    togglePeople: this.togglePeople,
    messageMenu: this.messageMenu,
    roomMenu: this.roomMenu,
    ownMenu: this.ownMenu,
    personMenu: this.personMenu,
    messageKey: this.messageKey,
    editLast: this.editLast,
    isPerson: this.isPerson,
    holdLog: (log) => {
      this.log = log;
    },
    copy: (text) => navigator.clipboard?.writeText(text),
  };

  render({ state, announcement }, { ui, loaded }) {
    const app = this.app();
    const isBack = state.place === "naming" && state.name !== null && state.entering && !state.account;
    return html`
      ${
        state.place === "out"
          ? html`<${Out} app=${app} />`
          : state.place === "chat" || isBack
            ? html`<${Chat} app=${app} />`
            : html`<${Entrance} app=${app} />`
      }
      ${ui.layer && html`<${Layer} app=${app} layer=${ui.layer} />`}
      ${ui.dialog && loaded[ui.dialog.kind] && html`<${loaded[ui.dialog.kind]} key=${ui.dialog.kind} app=${app} ...${ui.dialog} />`}
      <${Toasts} app=${app} />
      <div class="sr-only" aria-live="polite" id="announcements">${announcement}</div>
    `;
  }
}

const Layer = ({ app, layer }) => {
  const onClose = () => app.show({ layer: null });
  const { kind, anchor, align, onPick } = layer;
  if (kind === "menu")
    return html`<${Menu} items=${layer.items} label=${layer.label} anchor=${anchor} align=${align}
      onClose=${onClose} />`;
  if (kind === "picker")
    return html`<${EmojiPicker} t=${app.t} anchor=${anchor} align=${align} onPick=${onPick} onClose=${onClose} />`;
  const more = () => app.show({ layer: { kind: "picker", anchor, align: "end", onPick } });
  return html`<${QuickReactions} t=${app.t} emojis=${QUICK} anchor=${anchor} onPick=${onPick} onMore=${more}
    onClose=${onClose} />`;
};

const Toasts = ({ app }) => html`
  <div class="toasts" role="status">
    ${app.state.toasts.map(
      (toast) => html`
      <div key=${toast.id} class=${`toast ${toast.kind}`}>
        <span>${toast.text ?? phrase(app, toast.key, toast.params ?? {})}</span>
        <${IconButton} name="close" label=${app.t("close")}
          onClick=${() => app.act({ on: "dismiss-toast", id: toast.id })} />
      </div>
    `,
    )}
  </div>
`;
