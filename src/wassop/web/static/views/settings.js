// Settings of this browser: language, look, notifications.

import { Component, html } from "./html.js";
import { Dialog } from "./layers.js";
import { Preferences } from "./preferences.js";

class Settings extends Component {
  ask = async () => {
    await this.props.app.notifier.ask();
    this.forceUpdate();
  };

  render({ app }) {
    const { t, notifier } = app;
    const { permission } = notifier;
    return html`
      <${Dialog} title=${t("settings")} t=${t} onClose=${app.close}>
        <${Preferences} app=${app} />
        ${
          permission !== "unsupported" &&
          html`
          <h3>${t("notifications")}</h3>
          ${permission === "default" && html`<div><button type="button" class="primary" onClick=${this.ask}>${t("notifications_on")}</button></div>`}
          ${permission === "granted" && html`<p class="hint">${t("notifications_active")}</p>`}
          ${permission === "denied" && html`<p class="hint">${t("notifications_denied")}</p>`}
        `
        }
      <//>
    `;
  }
}

export const DIALOGS = { settings: Settings };
