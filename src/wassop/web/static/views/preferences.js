// Language and look: small switches that are kept in this browser.

import { html } from "./html.js";

export const Preferences = ({ app }) => html`
  <div class="preferences">
    <label><span>${app.t("language")}</span>
      <select class="field" value=${app.lang} onChange=${(event) => app.setLanguage(event.target.value)}>
        <option value="es">Español</option><option value="en">English</option>
      </select>
    </label>
    <label><span>${app.t("theme")}</span>
      <select class="field" value=${app.theme} onChange=${(event) => app.setTheme(event.target.value)}>
        ${["auto", "light", "dark"].map((theme) => html`<option value=${theme}>${app.t(`theme_${theme}`)}</option>`)}
      </select>
    </label>
  </div>
`;
