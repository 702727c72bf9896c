// The operator's panel: one connection, what is asked again and again over it, and what is drawn of the answers.

import { Link } from "../link.js";
import { endSession, stayLoggedIn } from "../session.js";
import { h, render } from "../views/html.js";
import { Asking } from "./asking.js";
import { Panel } from "./panel.js";
import { between, kept } from "./rates.js";
import { TEXTS, translator } from "./texts.js";

const FIGURES_MS = 1000;
const LISTS_MS = 2000;
const SHOWN_SESSIONS = 200;
const SHOWN_LINES = 500;
const PREFERENCES = "wassop.preferences"; // The chat's page has the same.
const TOAST_MS = 5000;

class Operator {
  constructor(config) {
    const { lang, theme } = { theme: "auto", ...read() };
    const wanted = [lang, ...navigator.languages.map((tag) => tag.slice(0, 2)), config.lang];
    this.state = {
      place: "entrance", // or "in", "stopped"
      online: "away", // or "connecting", "here", "waiting"
      name: config.account ?? "",
      problem: null,
      entering: false,
      link: linkInAddress(),
      figures: null,
      samples: [],
      sessions: null,
      rooms: [],
      lines: [],
      audit: null,
      bans: null,
      accounts: null,
      tab: "sessions",
      find: "",
      toast: null,
      dialog: null,
      lang: wanted.find((one) => one && Object.hasOwn(TEXTS, one)) ?? "es",
      theme,
    };
    this.password = null; // Until the answer to the `hello`, and not longer.
    this.link = new Link(socketAddress(), (event) => this.happened(event));
    this.asking = new Asking((message) => this.link.send(message));
    this.setTheme(theme);
    setInterval(() => this.look(), FIGURES_MS);
    setInterval(() => this.lookAround(), LISTS_MS);
    addEventListener("online", () => this.link.hurry());
    if (config.account && !this.state.link) this.enter(config.account);
    else this.draw();
  }

  change(changes) {
    Object.assign(this.state, changes);
    this.draw();
  }

  // The connection

  happened({ on, messages, seconds }) {
    if (on === "connected") this.greet();
    else if (on === "received") for (const message of messages) this.hear(message);
    else if (on === "connecting" || on === "waiting") this.change({ online: on, seconds });
    else if (on === "lost") {
      this.asking.lost();
      this.change({ online: "away" });
      if (this.state.place === "entrance" && this.state.entering) this.giveUp(this.t("lost"));
    }
  }

  hear(message) {
    if (this.asking.heard(message)) return;
    if (message.t === "ping") this.link.send({ t: "pong" });
    else if (message.t === "bye") this.sentAway(message);
  }

  sentAway({ reason, text }) {
    this.link.stop();
    if (reason === "shutdown") this.change({ place: "stopped", dialog: null });
    else this.giveUp(text);
  }

  async greet() {
    const { name, lang, link } = this.state;
    if (link && this.password !== null) {
      const claimed = await this.asking.ask({ t: "first-admin", link, name, password: this.password });
      if (claimed?.t !== "ok") {
        if (claimed) this.giveUp(claimed.text);
        return;
      }
      history.replaceState(null, "", location.pathname);
      this.state.link = null;
    }
    const secret = this.password === null ? {} : { password: this.password };
    const answer = await this.asking.ask({ t: "hello", v: 1, name, lang, lobby: false, client: "wassop panel", ...secret });
    if (answer === null) return;
    const hadPassword = this.password !== null;
    this.password = null;
    if (answer.t !== "welcome") this.giveUp(hadPassword || answer.code !== "password-needed" ? answer.text : this.t("session_over"));
    else if (answer.role !== "admin") this.giveUp(this.t("not_admin", { name: answer.name }));
    else await this.entered(answer, hadPassword);
  }

  async entered({ name, server }, hadPassword) {
    this.link.welcomed();
    this.change({ place: "in", online: "here", name, server, problem: null, entering: false, lines: [], samples: [], figures: null });
    this.look();
    this.lookAround();
    if (hadPassword) await this.stayLoggedIn();
  }

  /** Let this browser come back without a password: the server gives it a cookie that no script can read. */
  async stayLoggedIn() {
    const answer = await this.asking.ask({ t: "token" });
    if (answer?.t === "token") await stayLoggedIn(answer.code);
  }

  enter(name, password = null) {
    this.password = password;
    this.change({ name, problem: null, entering: true });
    this.link.start();
    this.link.hurry();
  }

  giveUp(problem) {
    this.link.stop();
    this.asking.lost();
    this.password = null;
    this.change({ place: "entrance", problem, entering: false, dialog: null, figures: null });
  }

  async logout() {
    await endSession();
    await this.asking.ask({ t: "logout" });
    this.link.stop();
    location.replace(location.pathname);
  }

  // What is asked again and again

  get isIn() {
    return this.state.place === "in" && this.state.online === "here";
  }

  async look() {
    if (!this.isIn || this.isLooking) return;
    this.isLooking = true;
    const figures = await this.asking.ask({ t: "figures" });
    this.isLooking = false;
    if (figures?.t !== "figures") return;
    const samples = kept(this.state.samples, between(this.state.figures, figures));
    this.change({ figures, samples });
  }

  async lookAround() {
    if (!this.isIn || this.isLookingAround) return;
    this.isLookingAround = true;
    const { find, lines } = this.state;
    const [sessions, rooms, log] = await Promise.all([
      this.asking.ask({ t: "sessions", limit: SHOWN_SESSIONS, find }),
      this.asking.ask({ t: "rooms" }),
      this.asking.ask({ t: "log", after: lines.at(-1)?.n ?? 0, limit: SHOWN_LINES }),
    ]);
    const { tab } = this.state;
    if (tab === "audit") await this.readAudit();
    if (tab === "bans") await this.readBans();
    if (tab === "accounts") await this.readAccounts();
    this.isLookingAround = false;
    const changes = {};
    if (sessions?.t === "sessions" && find === this.state.find) changes.sessions = sessions;
    if (rooms?.t === "rooms") changes.rooms = rooms.rooms;
    if (log?.t === "log" && log.lines.length) changes.lines = [...this.state.lines, ...log.lines].slice(-SHOWN_LINES);
    this.change(changes);
  }

  async readAudit(before) {
    const answer = await this.asking.ask({ t: "audit", limit: 100, ...(before && { before }) });
    if (answer?.t === "error") this.change({ audit: { entries: [], problem: answer.text } });
    if (answer?.t !== "audit") return;
    const older = before ? this.state.audit.entries : [];
    // What was read of older ones stays when the newest are read again.
    const kept = before ? [] : (this.state.audit?.entries ?? []).filter(({ id }) => id < (answer.entries.at(-1)?.id ?? 0));
    const more = kept.length ? this.state.audit.more : answer.more;
    this.change({ audit: { entries: [...older, ...answer.entries, ...kept], more } });
  }

  async readBans() {
    const answer = await this.asking.ask({ t: "bans" });
    if (answer?.t === "bans") this.change({ bans: answer.bans });
  }

  async readAccounts() {
    const answer = await this.asking.ask({ t: "account", do: "list" });
    if (answer?.t === "accounts") this.change({ accounts: answer.accounts });
  }

  // What the operator does

  /** Ask for something; what came of it is told. True when it was done. */
  async request(message, done) {
    const answer = await this.asking.ask(message);
    const problem = answer === null ? this.t("lost") : answer.t === "error" ? answer.text : null;
    if (problem !== null) this.tell(problem, true);
    else if (done) this.tell(done);
    this.look();
    this.lookAround();
    return problem === null;
  }

  tell(text, isProblem = false) {
    clearTimeout(this.toastTimer);
    this.change({ toast: { text, isProblem } });
    this.toastTimer = setTimeout(() => this.change({ toast: null }), TOAST_MS);
  }

  find(text) {
    this.change({ find: text });
    clearTimeout(this.findTimer);
    this.findTimer = setTimeout(() => this.lookAround(), 150);
  }

  openTab(tab) {
    this.change({ tab });
    if (tab === "audit") this.readAudit();
    if (tab === "bans") this.readBans();
    if (tab === "accounts") this.readAccounts();
  }

  // How it looks

  get t() {
    return translator(this.state.lang);
  }

  setLanguage(lang) {
    write({ ...read(), lang });
    this.change({ lang });
  }

  setTheme(theme) {
    write({ ...read(), theme });
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    this.change({ theme });
  }

  draw() {
    if (this.isDrawing) return;
    this.isDrawing = true;
    queueMicrotask(() => {
      this.isDrawing = false;
      const { state } = this;
      document.documentElement.lang = state.lang;
      document.title = `wassop · ${this.t("panel")}`;
      render(h(Panel, { operator: this, state: { ...state }, t: this.t }), document.getElementById("panel"));
    });
  }
}

function socketAddress() {
  const socket = new URL("/ws", location.href);
  socket.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  return socket.href;
}

/** `/panel#link=…` is what the server has shown to whoever started it. */
function linkInAddress() {
  return /^#link=([\w-]+)$/.exec(location.hash)?.[1] ?? null;
}

function read() {
  try {
    return JSON.parse(localStorage.getItem(PREFERENCES) ?? "{}");
  } catch {
    return {};
  }
}

function write(preferences) {
  try {
    localStorage.setItem(PREFERENCES, JSON.stringify(preferences));
  } catch {
    // full, or forbidden by the person
  }
}

async function configuration() {
  try {
    const answer = await fetch("/config.json");
    if (answer.ok) return await answer.json();
  } catch {
    // Without it the panel works, with its own defaults.
  }
  return { lang: "es" };
}

new Operator(await configuration());
