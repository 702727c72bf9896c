// What the panel shows: the entrance, or figures, graphs and lists.

import { Component, createRef, html } from "../views/html.js";
import { Preferences } from "../views/preferences.js";
import { DIALOGS } from "./dialogs.js";
import { Graph } from "./graph.js";
import { Accounts, Audit, Bans, Log, Rooms, Sessions } from "./lists.js";
import { bytes, duration, number } from "./rates.js";

const TABS = ["sessions", "rooms", "log", "audit", "bans", "accounts"];
const BODIES = { sessions: Sessions, rooms: Rooms, log: Log, audit: Audit, bans: Bans, accounts: Accounts };

const Brand = () => html`<span class="brand"><span class="mark" aria-hidden="true">w</span>wassop</span>`;

export const Panel = ({ operator, state, t }) => {
  const app = { operator, state, t, lang: state.lang, theme: state.theme, setLanguage: (lang) => operator.setLanguage(lang), setTheme: (theme) => operator.setTheme(theme) };
  if (state.place === "stopped") return html`<${Stopped} app=${app} />`;
  if (state.place === "entrance") return html`<${Entrance} app=${app} />`;
  return html`<${Inside} app=${app} />`;
};

class Entrance extends Component {
  name = createRef();
  password = createRef();

  componentDidMount() {
    (this.props.app.state.name ? this.password : this.name).current?.focus();
  }

  componentDidUpdate(before) {
    const { problem } = this.props.app.state;
    if (problem && problem !== before.app.state.problem) this.password.current?.focus();
  }

  submit = (event) => {
    event.preventDefault();
    const { operator, t } = this.props.app;
    const { username, password, again } = event.target.elements;
    if (again && again.value !== password.value) operator.change({ problem: t("passwords_differ") });
    else operator.enter(username.value.trim(), password.value);
  };

  render({ app }) {
    const { t, state } = app;
    const isFirst = state.link !== null;
    return html`
      <main class="entrance">
        <form class="card" onSubmit=${this.submit}>
          <h1><${Brand} /> <span class="sr-only">${t("panel")}</span></h1>
          <p class="tagline">${isFirst ? t("first_admin") : t("tagline")}</p>
          <label class="labelled"><span>${t("name")}</span>
            <input ref=${this.name} class="field" name="username" autocomplete="username" autocapitalize="off" spellcheck=${false} maxlength="64" required dir="auto" defaultValue=${state.name} />
          </label>
          <label class="labelled"><span>${t("password")}</span>
            <input ref=${this.password} class="field" name="password" type="password" required autocomplete=${isFirst ? "new-password" : "current-password"} />
          </label>
          ${isFirst && html`
            <label class="labelled"><span>${t("again")}</span>
              <input class="field" name="again" type="password" required autocomplete="new-password" />
            </label>
          `}
          <p class="problem" role="alert">${state.problem}</p>
          <button class="primary" type="submit" disabled=${state.entering}>${state.entering ? t("entering") : isFirst ? t("become_admin") : t("enter")}</button>
        </form>
        <${Preferences} app=${app} />
      </main>
    `;
  }
}

const Stopped = ({ app }) => html`
  <main class="entrance">
    <div class="card">
      <h1><${Brand} /></h1>
      <p role="alert"><strong>${app.t("stopped")}</strong></p>
      <p class="hint">${app.t("stopped_hint")}</p>
    </div>
  </main>
`;

const Inside = ({ app }) => {
  const { t, state, operator } = app;
  const Dialog = state.dialog && DIALOGS[state.dialog.name];
  return html`
    <div class="panel">
      <a class="skip" href="#lists">${t("skip")}</a>
      <${Head} app=${app} />
      ${state.online !== "here" && html`
        <p class="connection" role="status">
          ${t("lost")}
          ${state.online === "waiting" && html`${" "}<span aria-hidden="true">${t("next_try", { seconds: state.seconds })}</span>`}
          ${state.online === "waiting" && html`<button type="button" class="link" onClick=${() => operator.link.hurry()}>${t("retry")}</button>`}
        </p>
      `}
      <main>
        ${state.figures === null ? html`<p class="hint">${t("loading")}</p>` : html`<${Figures} app=${app} />`}
        <${Lists} app=${app} />
      </main>
      ${Dialog && html`<${Dialog} app=${app} ...${state.dialog} />`}
      <div class="toast-place" role="status" aria-live="polite">
        ${state.toast && html`<p class=${state.toast.isProblem ? "toast wrong" : "toast"}>${state.toast.text}</p>`}
      </div>
    </div>
  `;
};

const Head = ({ app }) => {
  const { t, state, operator } = app;
  const isOpen = state.figures?.doors_open ?? true;
  const doors = () => (isOpen ? operator.change({ dialog: { name: "doors" } }) : operator.request({ t: "doors", open: true }, t("doors_now_open")));
  return html`
    <header class="panel-head">
      <h1><${Brand} /> <span class="tag">${t("panel")}</span></h1>
      <p class=${isOpen ? "doors open" : "doors closed"}>
        <span class="lamp" aria-hidden="true"></span><strong>${isOpen ? t("doors_open") : t("doors_closed")}</strong>
        ${" "}<span class="hint">${(state.figures?.doors ?? []).join(" · ")}</span>
      </p>
      <div class="deeds">
        <button type="button" class="secondary" onClick=${() => operator.change({ dialog: { name: "announce" } })}>${t("announce")}</button>
        <button type="button" class="secondary" onClick=${doors}>${isOpen ? t("close_doors") : t("open_doors")}</button>
        <button type="button" class="secondary danger" onClick=${() => operator.change({ dialog: { name: "stop" } })}>${t("stop")}</button>
      </div>
      <div class="own">
        <${Preferences} app=${app} />
        <a href="/">${t("to_chat")}</a>
        <button type="button" class="link" onClick=${() => operator.logout()}>${t("logout")} (<bdi>${state.name}</bdi>)</button>
      </div>
    </header>
  `;
};

const Tile = ({ label, value, wrong }) => html`<div class=${wrong ? "tile wrong" : "tile"}><dt>${label}</dt><dd>${value}</dd></div>`;

const Figures = ({ app }) => {
  const { t, lang, state } = app;
  const { figures, samples } = state;
  const now = samples.at(-1);
  const count = (value) => number(lang, value ?? 0);
  const people = Object.values(figures.sessions).reduce((sum, each) => sum + each, 0);
  const { database } = figures;
  const told = { title: (title) => (values) => t("graph_label", { title, values: values || t("nothing_yet") }) };
  const dialects = Object.keys(Object.assign({}, ...samples.map((sample) => sample.people))).sort();
  const column = (key) => samples.map((sample) => sample[key]);
  const started = new Intl.DateTimeFormat(lang, { dateStyle: "short", timeStyle: "short" }).format(figures.started_at * 1000);
  return html`
    <dl class="tiles">
      <${Tile} label=${t("people")} value=${count(people)} />
      <${Tile} label=${t("connections")} value=${count(figures.connections)} />
      <${Tile} label=${t("rooms")} value=${count(figures.rooms)} />
      <${Tile} label=${t("in_rate")} value=${count(now.messages)} />
      <${Tile} label=${t("out_rate")} value=${count(now.deliveries)} />
      <${Tile} label=${t("latency")} value=${`${duration(lang, now.p50)} / ${duration(lang, now.p99)}`} />
      <${Tile} label=${t("waiting")} value=${bytes(lang, figures.waiting_bytes)} />
      <${Tile} label=${t("database")} value=${databaseText(t, lang, database)} wrong=${database?.failing} />
      <${Tile} label=${t("refused")} value=${count(figures.refused)} />
      <${Tile} label=${t("since")} value=${started} />
    </dl>
    <div class="graphs">
      <${Graph} title=${t("in_graph")} tell=${count} label=${told.title(t("in_graph"))}
        series=${[{ name: t("out_series"), values: column("deliveries"), kind: 1 }, { name: t("in_series"), values: column("messages"), kind: 0 }]} />
      <${Graph} title=${t("latency_graph")} tell=${(value) => duration(lang, value)} label=${told.title(t("latency_graph"))}
        series=${[{ name: "p99", values: column("p99"), kind: 2 }, { name: "p50", values: column("p50"), kind: 0 }]} />
      <${Graph} title=${t("people_graph")} tell=${count} label=${told.title(t("people_graph"))}
        series=${dialects.map((name, place) => ({ name, values: samples.map((sample) => sample.people[name] ?? 0), kind: place % 8 }))} />
    </div>
  `;
};

function databaseText(t, lang, database) {
  if (!database) return t("database_none");
  if (database.failing) return t("database_failing");
  return database.lag_s >= 1 ? t("database_lag", { time: duration(lang, database.lag_s) }) : t("database_ok");
}

class Lists extends Component {
  bar = createRef();

  onKey = (event) => {
    const { state, operator } = this.props.app;
    const place = TABS.indexOf(state.tab);
    const to = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    operator.openTab(TABS.at(to % TABS.length));
    queueMicrotask(() => queueMicrotask(() => this.bar.current?.querySelector("[aria-selected=true]")?.focus()));
  };

  render({ app }) {
    const { t, state, operator } = app;
    const Body = BODIES[state.tab];
    return html`
      <section id="lists" class="lists" tabindex="-1">
        <div ref=${this.bar} class="tabs" role="tablist" aria-label=${t("panel")} onKeyDown=${this.onKey}>
          ${TABS.map((tab) => html`
            <button type="button" role="tab" id=${`tab-${tab}`} aria-controls="list" aria-selected=${state.tab === tab}
              tabindex=${state.tab === tab ? 0 : -1} onClick=${() => operator.openTab(tab)}>${t(tab)}</button>
          `)}
        </div>
        <div id="list" role="tabpanel" aria-labelledby=${`tab-${state.tab}`}><${Body} app=${app} /></div>
      </section>
    `;
  }
}
