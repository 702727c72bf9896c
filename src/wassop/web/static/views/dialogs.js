// Small dialogs: a question, a line of text.

import { roomKey } from "../state/turn.js";
import { excerpt, visible } from "../text.js";
import { Component, html } from "./html.js";
import { Field, FormDialog } from "./form.js";
import { Dialog } from "./layers.js";
import { Author } from "./words.js";

const Question = ({ app, title, label, onYes, children }) => html`
  <${Dialog} title=${title} t=${app.t} onClose=${app.close}>
    ${children}
    <div class="buttons">
      <button type="button" class="link" onClick=${app.close}>${app.t("cancel")}</button>
      <button type="button" class="primary danger" autofocus onClick=${() => {
        app.close();
        onYes();
      }}>${label}</button>
    </div>
  <//>
`;

const Delete = ({ app, talkKey, seq, from, text }) => html`
  <${Question} app=${app} title=${app.t("delete_question")} label=${app.t("delete")}
    onYes=${() => app.act({ on: "delete", key: talkKey, seq })}>
    <p><${Author} name=${from} />: <bdi>${excerpt(text, 300)}</bdi></p>
    <p class="hint">${app.t("delete_explained")}</p>
  <//>
`;

const Logout = ({ app }) => {
  const leave = () =>
    app.state.online === "ready" && app.state.account ? app.act({ on: "logout" }) : app.act({ on: "quit" });
  return html`<${Question} app=${app} title=${app.t("logout_question")} label=${app.t("logout")} onYes=${leave} />`;
};

const Topic = ({ app, talkKey }) => {
  const { t, state } = app;
  const talk = state.conversations[talkKey];
  const set = ({ text }) => app.act({ on: "topic", key: talkKey, text: text.trim(), form: "topic" });
  return html`
    <${FormDialog} app=${app} id="topic" title=${t("topic_change")} label=${t("save")} onSubmit=${set}>
      <${Field} label=${t("topic_label")} hint=${t("topic_hint")} name="text" dir="auto"
        defaultValue=${talk?.topic?.text ?? ""}
        maxlength=${state.limits.topic_chars} autofocus />
    <//>
  `;
};

const Away = ({ app }) => {
  const { t } = app;
  const set = ({ text }) =>
    app.request({ t: "away", text: text.trim() }, { form: "away", then: { away: text.trim() }, done: "away_on" });
  return html`
    <${FormDialog} app=${app} id="away" title=${t("away_menu")} label=${t("save")} onSubmit=${set}>
      <${Field} label=${t("away_text")} name="text" dir="auto" maxlength="200" autofocus />
    <//>
  `;
};

const Invite = ({ app, room }) => {
  const { t, state } = app;
  const invite = ({ who }) =>
    app.request(
      { t: "invite", room, who: who.trim().replace(/^@/, "") },
      { form: "invite", done: "invited_them", params: { name: visible(who.trim()) } },
    );
  const lobby = state.conversations[roomKey(state.lobby)];
  return html`
    <${FormDialog} app=${app} id="invite" title=${t("invite")} label=${t("invite")} onSubmit=${invite}>
      <${Field} label=${t("invite_who")} name="who" list="everybody" required autofocus />
      <datalist
        id="everybody">${lobby && [...lobby.members.values()].slice(0, 500).map((name) => html`<option value=${name}></option>`)}</datalist>
    <//>
  `;
};

/** The door of a room asks for a password. */
class RoomPassword extends Component {
  room = this.props.app.state.roomPassword;

  componentWillUnmount() {
    this.props.app.act({ on: "room-password-over" });
  }

  componentDidUpdate() {
    const { app } = this.props;
    const asked = app.state.roomPassword;
    if (asked && asked !== this.room) this.room = asked;
    const room = app.state.conversations[roomKey(this.room.room)];
    if (room?.entered && !room.out && !asked) app.close();
  }

  render({ app }) {
    const { t } = app;
    const enter = ({ password }) => app.act({ on: "join", room: this.room.room, password });
    return html`
      <${FormDialog} app=${app} id="room-password"
        title=${t("room_password_title", { room: visible(this.room.room) })} label=${t("join")} onSubmit=${enter}>
        ${app.state.roomPassword?.error && html`<p class="problem" role="alert">${app.state.roomPassword.error}</p>`}
        <${Field} label=${t("password")} name="password" type="password" required autofocus />
      <//>
    `;
  }
}

export const DIALOGS = {
  delete: Delete,
  logout: Logout,
  topic: Topic,
  away: Away,
  invite: Invite,
  "room-password": RoomPassword,
};
