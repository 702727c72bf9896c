// The way in: a name, and a password for those who have an account.

import { Component, createRef, html } from "./html.js";
import { Preferences } from "./preferences.js";
import { phrase } from "./words.js";

export class Entrance extends Component {
  state = { name: this.props.app.remembered, withAccount: false };
  name = createRef();
  password = createRef();

  componentDidMount() {
    this.focus();
  }

  componentDidUpdate(before) {
    const { entrance } = this.props.app.state;
    if (entrance !== before.app.state.entrance && entrance.code) this.focus();
  }

  focus() {
    const needed = this.password.current && this.state.name ? this.password : this.name;
    needed.current?.focus();
    if (needed === this.name) needed.current?.select();
  }

  submit = (event) => {
    event.preventDefault();
    const name = this.name.current.value.trim();
    if (name) this.props.app.act({ on: "enter", name, password: this.password.current?.value || "" });
  };

  render({ app }, { name, withAccount }) {
    const { t, state } = app;
    const { entrance } = state;
    const asksPassword = withAccount || entrance.needsPassword || state.account;
    const problem = state.entering ? null : entrance.text || (state.online === "away" ? t("lost") : null);
    return html`
      <main class="entrance">
        <form class="card" onSubmit=${this.submit}>
          <h1 class="brand"><span class="mark" aria-hidden="true">w</span>wassop</h1>
          <p class="tagline">${t("tagline")}</p>
          ${state.account && state.name && html`<p>${phrase(app, "welcome_back", { name: state.name })}</p>`}
          <label class="labelled">
            <span>${t("name")}</span>
            <input ref=${this.name} class="field" name="username" autocomplete="username" autocapitalize="off"
              spellcheck=${false}
              maxlength="64" required dir="auto" value=${name} aria-describedby="name-hint"
              aria-invalid=${Boolean(problem)} onInput=${(event) => this.setState({ name: event.target.value })} />
          </label>
          <p id="name-hint" class="hint">${asksPassword ? t("name_hint") : t("guest_hint")}</p>
          ${
            asksPassword &&
            html`
            <label class="labelled">
              <span>${t("password")}</span>
              <input ref=${this.password} class="field" type="password" name="password"
                autocomplete="current-password" />
            </label>
          `
          }
          <p class="problem" role="alert">${problem}</p>
          <button class="primary" type="submit"
            disabled=${state.entering}>${state.entering ? t("entering") : t("enter")}</button>
          ${
            !asksPassword &&
            html`
            <button class="link" type="button"
              onClick=${() => this.setState({ withAccount: true }, () => this.password.current?.focus())}>${t("have_account")}</button>
          `
          }
        </form>
        <${Preferences} app=${app} />
      </main>
    `;
  }
}

/** The server has shown one out. */
export const Out = ({ app }) => html`
  <main class="entrance">
    <div class="card">
      <h1 class="brand"><span class="mark" aria-hidden="true">w</span>wassop</h1>
      <h2>${app.t("you_are_out")}</h2>
      <p class="problem" role="alert">${app.state.outText}</p>
      <button class="primary" type="button" onClick=${app.restart}>${app.t("come_back")}</button>
    </div>
  </main>
`;
