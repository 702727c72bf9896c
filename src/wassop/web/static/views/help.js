// Keys and commands.

import { COMMANDS } from "../slash.js";
import { html } from "./html.js";
import { Dialog } from "./layers.js";

const KEYS = [
  [["Enter"], "key_send"],
  [["Shift", "Enter"], "key_newline"],
  [["↑"], "key_last_edit"],
  [["Alt", "M"], "key_messages"],
  [["Alt", "↑↓"], "key_switch"],
  [["Alt", "Shift", "↑↓"], "key_unread"],
  [["Ctrl", "K"], "key_rooms"],
  [["Ctrl", "Shift", "F"], "key_search"],
  [["Esc"], "key_escape"],
];

const Help = ({ app }) => {
  const { t } = app;
  return html`
    <${Dialog} title=${t("help")} t=${t} onClose=${app.close} wide>
      <div class="scroll" tabindex="0" role="region" aria-label=${t("help")}>
        <h3>${t("keys")}</h3>
        <dl class="keys">
          ${KEYS.map(([keys, purpose]) => html`<dt>${keys.map((key, place) => html`${place > 0 && " "}<kbd>${key}</kbd>`)}</dt><dd>${t(purpose)}</dd>`)}
        </dl>
        <h3>${t("commands")}</h3>
        <dl class="keys">${COMMANDS.map(({ word, purpose }) => html`<dt><kbd>/${word}</kbd></dt><dd>${t(purpose)}</dd>`)}</dl>
        <p class="hint">${t("help_shorthands")}</p>
      </div>
    <//>
  `;
};

export const DIALOGS = { help: Help };
