// What is asked back before something is done.

import { visible } from "../text.js";
import { Component, html } from "../views/html.js";
import { Dialog } from "../views/layers.js";

const ROLES = ["user", "moderator", "admin"];
const TIMES = { for_10m: 600, for_1h: 3600, for_1d: 86400, for_7d: 604800, for_ever: 0 };

/** A form that closes when `act(values)` resolves to true. */
class Question extends Component {
  submit = async (event) => {
    event.preventDefault();
    const values = {};
    for (const field of event.target.elements) if (field.name) values[field.name] = field.type === "password" ? field.value : field.value.trim();
    this.setState({ busy: true });
    const isDone = await this.props.act(values);
    this.setState({ busy: false });
    if (isDone) this.props.app.operator.change({ dialog: null });
  };

  render({ app, title, label, danger, allowed = true, children }, { busy }) {
    const { t, operator } = app;
    const close = () => operator.change({ dialog: null });
    return html`
      <${Dialog} title=${title} t=${t} onClose=${close}>
        <form onSubmit=${this.submit}>
          ${children}
          <div class="buttons">
            <button type="button" class="link" onClick=${close}>${t("cancel")}</button>
            <button type="submit" class=${danger ? "primary danger" : "primary"} disabled=${busy || !allowed}>${label}</button>
          </div>
        </form>
      <//>
    `;
  }
}

const Doors = ({ app }) => {
  const { t, operator } = app;
  const act = () => operator.request({ t: "doors", open: false }, t("doors_now_closed"));
  return html`
    <${Question} app=${app} title=${t("close_doors_title")} label=${t("close_doors")} danger act=${act}>
      <p>${t("close_doors_text")}</p>
      <p class="hint">${t("close_doors_hint")}</p>
    <//>
  `;
};

class Stop extends Component {
  state = { typed: "" };

  render({ app }, { typed }) {
    const { t, operator, state } = app;
    const count = Object.values(state.figures?.sessions ?? {}).reduce((sum, each) => sum + each, 0);
    const word = t("stop_word");
    const isSure = typed.trim().toLowerCase() === word;
    return html`
      <${Question} app=${app} title=${t("stop_title")} label=${t("stop_do")} danger allowed=${isSure} act=${() => isSure && operator.request({ t: "stop" })}>
        <p>${t("stop_text", { people: t("people_count", { count }) })}</p>
        <label class="labelled"><span>${t("stop_confirm", { word })}</span>
          <input class="field" name="word" autocomplete="off" autocapitalize="off" autofocus value=${typed} onInput=${(event) => this.setState({ typed: event.target.value })} />
        </label>
      <//>
    `;
  }
}

const Announce = ({ app }) => {
  const { t, operator } = app;
  const act = ({ text }) => operator.request({ t: "all", text }, t("announced"));
  return html`
    <${Question} app=${app} title=${t("announce_title")} label=${t("announce_do")} act=${act}>
      <label class="labelled"><span>${t("announce_text")}</span>
        <textarea class="field" name="text" rows="3" required maxlength="2000" dir="auto" autofocus></textarea>
      </label>
    <//>
  `;
};

const Reason = ({ t }) => html`
  <label class="labelled"><span>${t("reason")}</span><input class="field" name="reason" maxlength="200" autocomplete="off" dir="auto" autofocus /></label>
`;

const Kick = ({ app, session }) => {
  const { t, operator } = app;
  const name = session.name ? visible(session.name) : session.address;
  const whom = session.name ? { who: session.name } : { session: session.id };
  const act = ({ reason }) => operator.request({ t: "kick", ...whom, ...(reason && { reason }) }, t("kicked", { name }));
  return html`
    <${Question} app=${app} title=${t(session.name ? "kick_title" : "kick_session_title", { name })} label=${t("kick")} danger act=${act}>
      <p class="hint">${session.dialect} · ${session.address}</p>
      ${session.name && html`<${Reason} t=${t} />`}
    <//>
  `;
};

const Ban = ({ app, session }) => {
  const { t, operator } = app;
  const host = session.address.slice(0, session.address.lastIndexOf(":")).replace(/^\[|\]$/g, "");
  const targets = [
    ...(session.account ? [["account", session.name]] : []),
    ...(session.name && !session.account ? [["who", session.name]] : []),
    ["network", host],
  ];
  const act = async ({ target, for_s: seconds, reason }) => {
    const [key, value] = targets[Number(target)];
    const message = { t: "ban", [key]: value, ...(Number(seconds) && { for_s: Number(seconds) }), ...(reason && { reason }) };
    return operator.request(message, t("banned", { name: visible(value) }));
  };
  return html`
    <${Question} app=${app} title=${t("ban_title", { name: session.name ? visible(session.name) : host })} label=${t("ban")} danger act=${act}>
      <label class="labelled"><span>${t("ban_what")}</span>
        <select class="field" name="target">${targets.map(([key, value], place) => html`<option value=${place}>${t(`ban_${key}`, { name: visible(value) })}</option>`)}</select>
      </label>
      <label class="labelled"><span>${t("how_long")}</span>
        <select class="field" name="for_s">${Object.entries(TIMES).map(([key, seconds]) => html`<option value=${seconds}>${t(key)}</option>`)}</select>
      </label>
      <${Reason} t=${t} />
    <//>
  `;
};

const NewPassword = ({ t, ...more }) => html`
  <label class="labelled"><span>${t("password")}</span>
    <input class="field" name="password" type="password" required autocomplete="new-password" ...${more} />
    <small class="hint">${t("password_hint")}</small>
  </label>
`;

const Role = ({ t, role }) => html`
  <label class="labelled"><span>${t("role")}</span>
    <select class="field" name="role">${ROLES.map((each) => html`<option value=${each} selected=${each === role}>${t(`role_${each}`)}</option>`)}</select>
  </label>
`;

const AddAccount = ({ app }) => {
  const { t, operator } = app;
  const act = ({ name, password, role }) => operator.request({ t: "account", do: "add", name, password, role }, t("account_added", { name: visible(name) }));
  return html`
    <${Question} app=${app} title=${t("account_add")} label=${t("account_add")} act=${act}>
      <label class="labelled"><span>${t("name")}</span><input class="field" name="name" required maxlength="64" autocomplete="off" autocapitalize="off" dir="auto" autofocus /></label>
      <${NewPassword} t=${t} />
      <${Role} t=${t} role="user" />
    <//>
  `;
};

const AccountRole = ({ app, account }) => {
  const { t, operator } = app;
  const name = visible(account.name);
  const act = ({ role }) => operator.request({ t: "account", do: "role", name: account.name, role }, t("account_changed", { name }));
  return html`
    <${Question} app=${app} title=${t("account_role_title", { name })} label=${t("save")} act=${act}><${Role} t=${t} role=${account.role} /><//>
  `;
};

const AccountPassword = ({ app, account }) => {
  const { t, operator } = app;
  const name = visible(account.name);
  const act = ({ password }) => operator.request({ t: "account", do: "passwd", name: account.name, password }, t("account_changed", { name }));
  return html`
    <${Question} app=${app} title=${t("account_password_title", { name })} label=${t("save")} act=${act}>
      <${NewPassword} t=${t} autofocus />
      <p class="hint">${t("account_password_text", { name })}</p>
    <//>
  `;
};

const RemoveAccount = ({ app, account }) => {
  const { t, operator } = app;
  const name = visible(account.name);
  const act = () => operator.request({ t: "account", do: "remove", name: account.name }, t("account_removed", { name }));
  return html`
    <${Question} app=${app} title=${t("account_remove_title", { name })} label=${t("account_remove")} danger act=${act}><p>${t("account_remove_text")}</p><//>
  `;
};

export const DIALOGS = {
  doors: Doors,
  stop: Stop,
  announce: Announce,
  kick: Kick,
  ban: Ban,
  "account-add": AddAccount,
  "account-role": AccountRole,
  "account-password": AccountPassword,
  "account-remove": RemoveAccount,
};
