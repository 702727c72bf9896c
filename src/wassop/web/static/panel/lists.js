// The lists below the graphs. What others wrote is shown as text, each piece kept apart from the text around it.

import { deed, visible } from "../text.js";
import { Component, html } from "../views/html.js";
import { age, bytes } from "./rates.js";
import { TEXTS } from "./texts.js";

const moment = (lang, at) => new Intl.DateTimeFormat(lang, { dateStyle: "short", timeStyle: "medium" }).format(at * 1000);
const time = (lang, at) => html`<time datetime=${new Date(at * 1000).toISOString()} title=${moment(lang, at)}>${new Intl.DateTimeFormat(lang, { timeStyle: "medium" }).format(at * 1000)}</time>`;
const Words = ({ text }) => html`<bdi>${visible(String(text ?? ""))}</bdi>`;

/** A table that scrolls by itself where it is too wide. */
const Table = ({ label, columns, children }) => html`
  <div class="table" role="region" aria-label=${label} tabindex="0">
    <table>
      <thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
      <tbody>${children}</tbody>
    </table>
  </div>
`;

export const Sessions = ({ app }) => {
  const { t, state, operator } = app;
  const found = state.sessions;
  const now = state.figures?.at ?? 0;
  const columns = [t("name"), t("dialect"), t("address"), t("rooms"), t("connected_since"), t("outbox"), html`<span class="sr-only">${t("actions")}</span>`];
  return html`
    <input class="field filter" type="search" value=${state.find} aria-label=${t("filter")} placeholder=${t("filter")} onInput=${(event) => operator.find(event.target.value)} />
    ${found === null ? html`<p class="hint">${t("loading")}</p>` : found.sessions.length === 0 ? html`<p class="hint">${t("sessions_none")}</p>` : html`
      <${Table} label=${t("sessions")} columns=${columns}>
        ${peopleFirst(found.sessions).map((session) => html`<${Session} key=${session.id} app=${app} session=${session} now=${now} />`)}
      <//>
    `}
    ${found?.more && html`<p class="hint">${t("sessions_more")}</p>`}
  `;
};

/** Those with a name before the others, who mostly look at a page. */
const peopleFirst = (sessions) => [...sessions.filter(({ name }) => name), ...sessions.filter(({ name }) => !name)];

const Session = ({ app, session, now }) => {
  const { t, lang, state, operator } = app;
  const open = (name) => () => operator.change({ dialog: { name, session } });
  const who = session.name ? visible(session.name) : session.address;
  const isOwn = session.name === state.name;
  const role = session.role && session.role !== "user" ? t(`role_${session.role}`) : session.account ? t("account") : null;
  const canGo = session.address !== "control";
  return html`
    <tr data-session=${session.id}>
      <th scope="row">
        ${session.name ? html`<${Words} text=${session.name} />` : html`<em class="hint">${t("nameless")}</em>`}
        ${role && html`${" "}<span class="tag">${role}</span>`}${isOwn && html`${" "}<span class="tag">${t("you")}</span>`}
      </th>
      <td>${session.dialect}${session.tls && html`${" "}<span class="tag">${session.tls}</span>`}</td>
      <td class="mono">${session.address}</td>
      <td class="rooms-cell"><${Words} text=${session.rooms.join(", ")} /></td>
      <td class="number"><time datetime=${new Date(session.since * 1000).toISOString()} title=${moment(lang, session.since)}>${age(now - session.since)}</time></td>
      <td class="number">${bytes(lang, session.waiting_bytes)}</td>
      <td class="buttons-cell">
        ${canGo && html`
          <button type="button" class="small" aria-label=${`${t("kick")}: ${who}`} onClick=${open("kick")}>${t("kick")}</button>
          ${!isOwn && html`<button type="button" class="small danger" aria-label=${`${t("ban")}: ${who}`} onClick=${open("ban")}>${t("ban")}</button>`}
        `}
      </td>
    </tr>
  `;
};

export const Rooms = ({ app }) => {
  const { t, state } = app;
  if (state.rooms.length === 0) return html`<p class="hint">${t("rooms_none")}</p>`;
  return html`
    <${Table} label=${t("rooms")} columns=${[t("room"), t("room_people"), t("room_topic")]}>
      ${state.rooms.map((room) => html`
        <tr key=${room.room}>
          <th scope="row"><${Words} text=${room.room} />
            ${room.password && html`${" "}<span class="tag">${t("room_locked")}</span>`}${room.invite_only && html`${" "}<span class="tag">${t("room_invite")}</span>`}</th>
          <td class="number">${room.count}</td>
          <td><${Words} text=${room.topic} /></td>
        </tr>
      `)}
    <//>
  `;
};

const LEVELS = { warning: "level_warning", error: "level_error", critical: "level_error" };

export class Log extends Component {
  state = { find: "" };

  render({ app }, { find }) {
    const { t, lang, state } = app;
    const wanted = find.trim().toLowerCase();
    const shown = state.lines.filter((line) => !wanted || words(line).toLowerCase().includes(wanted)).reverse();
    return html`
      <input class="field filter" type="search" value=${find} aria-label=${t("log_filter")} placeholder=${t("log_filter")} onInput=${(event) => this.setState({ find: event.target.value })} />
      ${shown.length === 0 ? html`<p class="hint">${t("log_none")}</p>` : html`
        <ol class="log-lines" tabindex="0" aria-label=${t("log")}>
          ${shown.map((line) => html`
            <li key=${line.n} class=${`level-${line.level}`}>
              ${time(lang, line.at)}
              <span class="level">${t(LEVELS[line.level] ?? "level_info")}</span>
              <span class="what"><strong>${line.text}</strong> <bdi class="mono">${details(line)}</bdi></span>
            </li>
          `)}
        </ol>
      `}
    `;
  }
}

const details = (line) => Object.entries(line.details ?? {}).map(([key, value]) => `${key}=${visible(String(value))}`).join("  ");
const words = (line) => `${line.text} ${line.event} ${details(line)}`;

export const Audit = ({ app }) => {
  const { t, lang, state, operator } = app;
  if (state.audit === null) return html`<p class="hint">${t("loading")}</p>`;
  const { entries, more, problem } = state.audit;
  if (problem) return html`<p class="problem" role="alert">${problem}</p>`;
  if (entries.length === 0) return html`<p class="hint">${t("audit_none")}</p>`;
  return html`
    <${Table} label=${t("audit")} columns=${[t("when"), t("who"), t("what"), t("whom"), t("room"), t("detail"), t("address")]}>
      ${entries.map((entry) => html`
        <tr key=${entry.id}>
          <td>${moment(lang, entry.at)}</td>
          <th scope="row"><${Words} text=${entry.from} /></th>
          <td>${deed(t, TEXTS[lang], entry.action)}</td>
          <td><${Words} text=${entry.target} /></td>
          <td><${Words} text=${entry.room} /></td>
          <td><${Words} text=${entry.detail} /></td>
          <td class="mono">${entry.address}</td>
        </tr>
      `)}
    <//>
    ${more && html`<button type="button" class="link" onClick=${() => operator.readAudit(entries.at(-1).id)}>${t("audit_more")}</button>`}
  `;
};

export const Bans = ({ app }) => {
  const { t, lang, state, operator } = app;
  if (state.bans === null) return html`<p class="hint">${t("loading")}</p>`;
  if (state.bans.length === 0) return html`<p class="hint">${t("bans_none")}</p>`;
  const lift = async (ban) => {
    const key = ["who", "account", "network"].find((each) => ban[each]);
    await operator.request({ t: "unban", [key]: ban[key] }, t("lifted"));
    await operator.readBans();
  };
  return html`
    <${Table} label=${t("bans")} columns=${[t("whom"), t("until"), t("by"), t("detail"), html`<span class="sr-only">${t("actions")}</span>`]}>
      ${state.bans.map((ban) => html`
        <tr key=${`${ban.who} ${ban.account} ${ban.network}`}>
          <th scope="row"><${Words} text=${ban.who ?? ban.account ?? ban.network} />${ban.account && html`${" "}<span class="tag">${t("account")}</span>`}</th>
          <td>${ban.until ? moment(lang, ban.until) : t("for_ever")}</td>
          <td><${Words} text=${ban.from} /></td>
          <td><${Words} text=${ban.reason} /></td>
          <td class="buttons-cell"><button type="button" class="small" onClick=${() => lift(ban)}>${t("lift")}</button></td>
        </tr>
      `)}
    <//>
  `;
};

export class Accounts extends Component {
  state = { find: "" };

  render({ app }, { find }) {
    const { t, state, operator } = app;
    if (state.accounts === null) return html`<p class="hint">${t("loading")}</p>`;
    const wanted = find.trim().toLowerCase();
    const shown = state.accounts.filter(({ name, role }) => `${name} ${t(`role_${role}`)}`.toLowerCase().includes(wanted));
    return html`
      <div class="above">
        <input class="field filter" type="search" value=${find} aria-label=${t("accounts_filter")} placeholder=${t("accounts_filter")} onInput=${(event) => this.setState({ find: event.target.value })} />
        <button type="button" class="secondary" onClick=${() => operator.change({ dialog: { name: "account-add" } })}>${t("account_add")} …</button>
      </div>
      ${shown.length === 0 ? html`<p class="hint">${t("sessions_none")}</p>` : html`
        <${Table} label=${t("accounts")} columns=${[t("name"), t("role"), t("created"), t("last_login"), html`<span class="sr-only">${t("actions")}</span>`]}>
          ${shown.map((account) => html`<${Account} key=${account.name} app=${app} account=${account} />`)}
        <//>
      `}
    `;
  }
}

const Account = ({ app, account }) => {
  const { t, lang, state, operator } = app;
  const isOwn = account.name === state.name;
  const button = (name, label, more = "") => html`<button type="button" class=${`small ${more}`} aria-label=${`${label} …: ${visible(account.name)}`} onClick=${() => operator.change({ dialog: { name, account } })}>${label} …</button>`;
  return html`
    <tr>
      <th scope="row"><${Words} text=${account.name} />${isOwn && html`${" "}<span class="tag">${t("you")}</span>`}</th>
      <td class="whole">${t(`role_${account.role}`)}</td>
      <td class="whole">${moment(lang, account.created_at)}</td>
      <td class="whole">${account.last_login_at ? moment(lang, account.last_login_at) : t("never")}</td>
      <td class="buttons-cell">
        ${!isOwn && html`${button("account-role", t("role"))}${button("account-password", t("password"))}${button("account-remove", t("remove"), "danger")}`}
      </td>
    </tr>
  `;
};
