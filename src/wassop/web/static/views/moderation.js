// Keeping order: kick, ban, mute; a room's settings; what is forbidden to whom; the log of it.

import { shortMoment, TABLES } from "../i18n.js";
import { deed, visible } from "../text.js";
import { Check, Field, FormDialog } from "./form.js";
import { Component, html } from "./html.js";
import { Dialog } from "./layers.js";
import { ownRank } from "./menus.js";
import { Author, Name, phrase } from "./words.js";

const TIMES = { for_10m: 600, for_1h: 3600, for_1d: 86400, for_7d: 604800, for_ever: "" };
const PAGE = 50;

const Restrict = ({ app, what, who, room }) => {
  const { t } = app;
  const restrict = ({ reason, for_s: time }) => {
    const message = { t: what, who };
    if (room !== null) message.room = room;
    if (reason.trim()) message.reason = reason.trim();
    if (time) message.for_s = Number(time);
    app.request(message, { form: "restrict" });
  };
  return html`
    <${FormDialog} app=${app} id="restrict" title=${t(`restrict_title_${what}`, { name: visible(who) })} label=${t(what)} danger onSubmit=${restrict}>
      <p class="hint">${room === null ? t("restrict_server") : t("restrict_room", { room: visible(room) })}</p>
      ${
        what !== "kick" &&
        html`
        <label class="labelled"><span>${t("how_long")}</span>
          <select class="field"
            name="for_s">${Object.entries(TIMES).map(([key, seconds]) => html`<option value=${seconds}>${t(key)}</option>`)}</select>
        </label>
      `
      }
      <${Field} label=${t("reason")} name="reason" dir="auto" maxlength="200" autofocus />
    <//>
  `;
};

const FLAGS = ["invite_only", "hidden", "permanent"];

const Modes = ({ app, talkKey }) => {
  const { t, state } = app;
  const talk = state.conversations[talkKey];
  if (!talk) return null;
  const { modes } = talk;
  const isOwner = ownRank(state, talk) >= 4;
  const save = (values) => {
    const set = {};
    for (const flag of ["moderated", ...(isOwner ? FLAGS : [])])
      if (values[flag] !== Boolean(modes[flag])) set[flag] = values[flag];
    const slow = Number(values.slow_s);
    if (slow !== (modes.slow_s ?? 0)) set.slow_s = slow;
    if (isOwner && values.password) set.password = values.password;
    else if (isOwner && values.no_password) set.password = "";
    if (Object.keys(set).length === 0) app.close();
    else app.request({ t: "modes", room: talk.name, set }, { form: "modes" });
  };
  return html`
    <${FormDialog} app=${app} id="modes" title=${t("modes")} label=${t("save")} onSubmit=${save}>
      <${Check} label=${t("mode_moderated")} name="moderated" defaultChecked=${Boolean(modes.moderated)} />
      ${isOwner && FLAGS.map((flag) => html`<${Check} label=${t(`mode_${flag}`)} name=${flag} defaultChecked=${Boolean(modes[flag])} />`)}
      <${Field} label=${t("mode_slow")} name="slow_s" type="number" min="0" max="86400" step="1"
        defaultValue=${modes.slow_s ?? 0} />
      ${
        isOwner &&
        html`
        <${Field} label=${t("mode_password")} hint=${modes.password ? t("mode_password_set") : null} name="password"
          type="text" />
        ${modes.password && html`<${Check} label=${t("mode_password_remove")} name="no_password" />`}
      `
      }
    <//>
  `;
};

/** A list that is asked for when it is opened. */
class Told extends Component {
  componentDidMount() {
    this.ask();
  }

  ask(more = {}, goesOn = false) {
    const { app, what, room } = this.props;
    const message = { t: what, ...(room !== null && { room }), ...more };
    app.request(message, { form: what, goesOn });
  }

  render({ app, what, room, entries }) {
    const { t, state } = app;
    const form = state.form?.id === what ? state.form : {};
    const told = form.done || state.told[what] ? state.told[what] : null;
    const title = room === null ? t(what) : `${t(what)} · ${visible(room)}`;
    return html`
      <${Dialog} title=${title} t=${t} onClose=${app.close} wide>
        ${form.error && html`<p class="problem" role="alert">${form.error}</p>`}
        ${told && entries(told, this)}
      <//>
    `;
  }
}

const Bans = ({ app, room }) => {
  const { t, lang } = app;
  const lift = (ban) => {
    const message = ban.mute ? { t: "unmute", who: ban.who } : { t: "unban" };
    if (!ban.mute) for (const key of ["who", "account", "network"]) if (ban[key]) message[key] = ban[key];
    if (room !== null) message.room = room;
    app.request(message, { then: { refresh: { t: "bans", ...(room !== null && { room }) } } });
  };
  const entries = ({ bans }) =>
    bans.length === 0
      ? html`<p class="hint">${t("bans_none")}</p>`
      : html`
    <ul class="entries" tabindex="0" aria-label=${t("bans")}>
      ${bans.map(
        (ban) => html`
        <li><span><strong><${Name} name=${ban.who ?? ban.account ?? ban.network} /></strong> <span
          class="hint">${t(ban.mute ? "ban_kind_mute" : "ban_kind_ban")},
            ${" "}${ban.until ? t("ban_until", { time: shortMoment(lang, ban.until) }) : t("ban_for_ever")},
            ${" "}${phrase(app, "ban_by", { name: ban.from })}${ban.reason ? html`: <bdi>${visible(ban.reason)}</bdi>` : ""}</span></span>
          <button type="button" class="link" onClick=${() => lift(ban)}>${t("lift")}</button></li>
      `,
      )}
    </ul>
  `;
  return html`<${Told} app=${app} what="bans" room=${room} entries=${entries} />`;
};

const Audit = ({ app, room }) => {
  const { t, lang } = app;
  const list = ({ entries, more }, told) =>
    entries.length === 0
      ? html`<p class="hint">${t("audit_none")}</p>`
      : html`
    <ul class="entries" tabindex="0" aria-label=${t("audit")}>
      ${entries.map(
        (entry) => html`
        <li key=${entry.id}><span><${Author}
          name=${entry.from} /> <strong>${deed(t, TABLES[lang], entry.action)}</strong> ${entry.target && html`<${Name} name=${entry.target} />`}
          ${" "}${entry.room && room === null && html`<span class="hint">#<${Name} name=${entry.room} /></span>`} ${entry.detail && html`<bdi class="hint">${visible(String(entry.detail))}</bdi>`}</span>
          <time class="hint">${shortMoment(lang, entry.at)}</time></li>
      `,
      )}
    </ul>
    ${more && html`<button type="button" class="link" onClick=${() => told.ask({ before: entries.at(-1).id, limit: PAGE }, true)}>${t("audit_more")}</button>`}
  `;
  return html`<${Told} app=${app} what="audit" room=${room} entries=${list} />`;
};

export const DIALOGS = { restrict: Restrict, modes: Modes, bans: Bans, audit: Audit };
