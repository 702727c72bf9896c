// Accounts: making a name one's own, entering under another, changing the password.

import { visible } from "../text.js";
import { html } from "./html.js";
import { Field, FormDialog } from "./form.js";
import { phrase } from "./words.js";

const LEAST_CHARS = 8;

const NewPassword = ({ t, name = "password" }) => html`
  <${Field} label=${t("new_password")} hint=${t("password_hint")} name=${name} type="password"
    autocomplete="new-password" minlength=${LEAST_CHARS} required />
`;

const Register = ({ app }) => {
  const { t, state } = app;
  const name = visible(state.name);
  const register = ({ password }) =>
    app.request(
      { t: "register", password },
      { form: "register", then: { account: true, password }, done: "registered", params: { name } },
    );
  return html`
    <${FormDialog} app=${app} id="register" title=${t("register")} label=${t("register")} onSubmit=${register}>
      <p>${phrase(app, "register_explained", { name: state.name })}</p>
      <input type="text" name="username" autocomplete="username" value=${state.name} hidden readonly />
      <${NewPassword} t=${t} />
    <//>
  `;
};

const Login = ({ app }) => {
  const { t } = app;
  const login = ({ name, password }) => app.act({ on: "login", name: name.trim(), password, form: "login" });
  return html`
    <${FormDialog} app=${app} id="login" title=${t("login")} label=${t("enter")} onSubmit=${login}>
      <${Field} label=${t("name")} name="name" autocomplete="username" autocapitalize="off" required autofocus />
      <${Field} label=${t("password")} name="password" type="password" autocomplete="current-password" required />
    <//>
  `;
};

const Password = ({ app }) => {
  const { t, state } = app;
  const change = ({ old, password }) =>
    app.request(
      { t: "password", old, new: password },
      { form: "password", then: { password }, done: "password_changed" },
    );
  return html`
    <${FormDialog} app=${app} id="password" title=${t("change_password")} label=${t("save")} onSubmit=${change}>
      <input type="text" name="username" autocomplete="username" value=${state.name} hidden readonly />
      <${Field} label=${t("old_password")} name="old" type="password" autocomplete="current-password" required
        autofocus />
      <${NewPassword} t=${t} />
    <//>
  `;
};

export const DIALOGS = { register: Register, login: Login, password: Password };
