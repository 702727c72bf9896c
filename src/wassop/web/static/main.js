// The page: joins the state, the connection, the views and what a browser keeps.

import { chosenLanguage } from "./i18n.js";
import { Link } from "./link.js";
import { Notifier } from "./notify.js";
import { endSession, stayLoggedIn } from "./session.js";
import { initial, reduce, worthKeeping } from "./state.js";
import { Keeper } from "./keeper.js";
import { App } from "./views/app.js";
import { h, render } from "./views/html.js";

const ANNOUNCE_MS = 900; // A screen reader is told what came in so long at once.
const MOST_ANNOUNCED = 4;
const KEEP_MS = 1500;
const ROOMS_MS = 30_000;

class Page {
  constructor(config) {
    this.config = config;
    this.keeper = new Keeper();
    const { theme, lang } = this.keeper.preferences();
    this.theme = theme;
    this.setTheme(theme);
    this.announcement = "";
    this.waiting = [];
    const kept = this.keeper.kept();
    this.state = initial({
      lang: chosenLanguage(lang, navigator.languages, config.lang),
      noncePrefix: crypto.getRandomValues(new Uint32Array(3)).reduce((all, part) => all + part.toString(36), ""),
      kept,
      rooms: roomInAddress(),
    });
    this.state.drafts = this.keeper.drafts();
    this.state.looking = { visible: !document.hidden && document.hasFocus(), bottom: true };
    document.documentElement.lang = this.state.lang;
    const socket = new URL("/ws", location.href);
    socket.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.link = new Link(socket.href, (event) => this.happened(event.on === "received" ? this.heard(event) : event));
    this.notifier = new Notifier((key) => this.happened({ on: "open", key }));
    this.still = {
      config,
      isTouch: matchMedia("(pointer: coarse)").matches,
      remembered: this.keeper.name(),
      notifier: this.notifier,
      hold: (view) => {
        this.view = view;
      },
      setLanguage: (chosen) => this.setLanguage(chosen),
      setTheme: (chosen) => this.setTheme(chosen),
      hurry: () => this.link.hurry(),
      restart: () => location.reload(),
    };
  }

  start() {
    this.draw();
    const { account } = this.config;
    if (account && (this.state.name ?? account) === account) this.happened({ on: "enter", name: account });
    else if (this.state.name !== null && !this.state.account) this.happened({ on: "enter", name: this.state.name });
    const look = () => this.happened({ on: "looked", visible: !document.hidden && document.hasFocus() });
    document.addEventListener("visibilitychange", () => {
      look();
      if (!document.hidden) this.link.hurry();
    });
    addEventListener("focus", look);
    addEventListener("blur", look);
    addEventListener("online", () => this.link.hurry());
    addEventListener("pagehide", () => this.keep());
    addEventListener("hashchange", () => {
      for (const room of roomInAddress()) this.happened({ on: "join", room });
    });
    setInterval(() => document.hidden || this.happened({ on: "refresh-rooms" }), ROOMS_MS);
  }

  /** What the server says to the page's state; a code is the browser's affair. */
  heard({ on, messages }) {
    for (const { t, code } of messages) if (t === "token") stayLoggedIn(code);
    return { on, messages: messages.filter(({ t }) => t !== "token") };
  }

  happened = (event) => {
    const { state, effects } = reduce(this.state, event, Date.now() / 1000);
    const before = this.state;
    this.state = state;
    for (const effect of effects) this.do(effect);
    if (state === before) return;
    if (before.lang !== state.lang) document.documentElement.lang = state.lang;
    if (before.drafts !== state.drafts) this.keeper.keepDrafts(state.drafts);
    this.draw();
    this.keepTimer ??= setTimeout(() => this.keep(), KEEP_MS);
  };

  /** Ask for the code of a cookie. */
  stayLoggedIn() {
    this.config.account = this.state.name;
    this.link.send({ t: "token" });
  }

  do(effect) {
    switch (effect.do) {
      case "send":
        this.link.send(effect.message);
        break;
      case "connect":
        this.link.start();
        this.link.hurry();
        break;
      case "hello":
        queueMicrotask(() => this.happened({ on: "hello" }));
        break;
      case "stop":
        this.link.stop();
        break;
      case "reconnect":
        // Later, because dropping a connection is an event of its own.
        queueMicrotask(() => this.link.drop());
        break;
      case "welcomed":
        this.link.welcomed();
        this.keeper.keepName(this.state.name);
        if (this.state.account && this.config.account !== this.state.name) {
          this.stayLoggedIn();
        }
        break;
      case "stay-logged-in":
        this.stayLoggedIn();
        break;
      case "later":
        setTimeout(() => this.happened(effect.event), effect.ms);
        break;
      case "announce":
        this.announce(effect);
        break;
      case "notify":
        this.notifier.notify(effect, this.view?.app().t);
        break;
      case "reveal":
        queueMicrotask(() => this.view.reveal({ key: effect.key, id: effect.id }));
        break;
      case "keep-input":
        queueMicrotask(() => this.view.input({ key: effect.key, text: effect.text }));
        break;
      case "show":
        queueMicrotask(() => this.view.asked(effect.what, effect.query));
        break;
      case "forget":
        this.keeper.forget();
        this.isGone = true;
        this.link.stop();
        this.forgetAccount().then(() => location.reload());
        break;
      default:
        throw new Error(`no such effect: ${effect.do}`);
    }
  }

  /** Ask for a code, and `heard` exchanges it. */
  stayLoggedIn() {
    this.config.account = this.state.name;
    this.link.send({ t: "token" });
  }

  async forgetAccount() {
    if (this.config.account) await endSession();
  }

  /** Tell a screen reader, a few lines at a time. */
  announce({ from, room, text }) {
    this.waiting.push(`${from}${room ? ` (${room})` : ""}: ${text}`);
    this.announceTimer ??= setTimeout(() => {
      this.announcement = this.waiting.slice(-MOST_ANNOUNCED).join("\n");
      this.waiting = [];
      this.announceTimer = undefined;
      this.draw();
    }, ANNOUNCE_MS);
  }

  setLanguage(lang) {
    this.keeper.prefer({ lang });
    this.happened({ on: "language", lang });
  }

  setTheme(theme) {
    this.keeper.prefer({ theme });
    this.theme = theme;
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    if (this.state) this.draw();
  }

  keep() {
    clearTimeout(this.keepTimer);
    this.keepTimer = undefined;
    if (!this.isGone) this.keeper.keep(worthKeeping(this.state));
  }

  /** Draw in the next frame; a hidden page has none. */
  draw() {
    if (this.isDrawing) return;
    this.isDrawing = true;
    const draw = () => {
      this.isDrawing = false;
      this.drawNow();
    };
    if (document.hidden) setTimeout(draw, 100);
    else requestAnimationFrame(draw);
  }

  drawNow() {
    const { state, theme, announcement, still } = this;
    const unread = Object.values(state.conversations).reduce((sum, { unread: count }) => sum + count, 0);
    const talk = state.conversations[state.current];
    const place = state.place === "chat" && talk ? `${talk.kind === "room" ? "#" : ""}${talk.name} · wassop` : "wassop";
    if (state.place === "chat" && talk && this.shown !== talk.key) {
      this.shown = talk.key;
      history.replaceState(null, "", talk.kind === "room" ? `#${encodeURIComponent(talk.name)}` : location.pathname);
    }
    document.title = unread ? `(${unread}) ${place}` : place;
    const props = { state, theme, announcement, still, act: this.happened };
    render(h(App, props), document.getElementById("app"));
  }
}

/** `/#Sala1` leads into a room. */
function roomInAddress() {
  try {
    const room = decodeURIComponent(location.hash.slice(1)).trim();
    return room ? [room] : [];
  } catch {
    return [];
  }
}

async function configuration() {
  try {
    const answer = await fetch("/config.json");
    if (answer.ok) return await answer.json();
  } catch {
    // Without it the page works, with its own defaults.
  }
  return { lang: "es", lobby: "General", registration: true };
}

new Page(await configuration()).start();
