// Where one is, and where one can go: conversations, other rooms, invitations.

import { roomKey } from "../state/turn.js";
import { visible } from "../text.js";
import { classes, Component, createRef, html, Icon, IconButton } from "./html.js";
import { Avatar, Name, phrase } from "./words.js";

const MOST_ROOMS = 60;

export class Sidebar extends Component {
  field = createRef();
  nav = createRef();

  componentDidUpdate(before) {
    if (before.app.state.current !== this.props.app.state.current)
      this.nav.current.querySelector(".tab.current")?.scrollIntoView({ block: "nearest" });
  }

  go = (event) => {
    event.preventDefault();
    const room = this.field.current.value.trim();
    if (!room) return;
    this.field.current.value = "";
    this.props.app.act({ on: "join", room });
    this.props.app.show({ drawer: null });
  };

  render({ app }) {
    const { t, state } = app;
    const talks = Object.values(state.conversations);
    const rooms = talks.filter(({ kind }) => kind === "room");
    const privates = talks.filter(({ kind }) => kind === "private");
    const others = state.listed.filter(({ room }) => !state.conversations[roomKey(room)]).slice(0, MOST_ROOMS);
    const known = new Map(state.listed.map((line) => [roomKey(line.room), line]));
    return html`
      <div class="sidebar-inner">
        <header class="side-head">
          <span class="brand"><span class="mark" aria-hidden="true">w</span>wassop</span>
          <${IconButton} name="close" class="drawer-close" label=${t("close")}
            onClick=${() => app.show({ drawer: null })} />
        </header>
        <form class="go" onSubmit=${this.go} role="search">
          <input ref=${this.field} id="go-to-room" class="field" list="all-rooms" aria-label=${t("go_to_room_label")}
            placeholder=${t("go_to_room")}
            maxlength="64" autocomplete="off" enterkeyhint="go" dir="auto" />
          <datalist id="all-rooms">${state.listed.map(({ room }) => html`<option value=${room}></option>`)}</datalist>
          <${IconButton} name="plus" label=${t("join")} type="submit" />
        </form>
        <nav ref=${this.nav} class="side-scroll" aria-label=${t("conversations")}>
          ${state.invitations.length > 0 && html`<${Invitations} app=${app} />`}
          <h2>${t("rooms")}</h2>
          <ul>${rooms.map((talk) => html`<${Tab} key=${talk.key} app=${app} talk=${talk} known=${known.get(talk.key)} />`)}</ul>
          ${
            privates.length > 0 &&
            html`
            <h2>${t("privates")}</h2>
            <ul>${privates.map((talk) => html`<${Tab} key=${talk.key} app=${app} talk=${talk} />`)}</ul>
          `
          }
          ${
            others.length > 0 &&
            html`
            <h2>${t("other_rooms")}</h2>
            <ul>${others.map((line) => html`<${Other} key=${line.room} app=${app} line=${line} />`)}</ul>
          `
          }
        </nav>
        <${Me} app=${app} />
      </div>
    `;
  }
}

const Tab = ({ app, talk, known }) => {
  const { t, state } = app;
  const isCurrent = state.current === talk.key;
  const count = talk.kind === "room" ? (talk.entered && !talk.out ? talk.members.size : known?.count) : null;
  const isAway = talk.kind === "private" && state.away.has(talk.key.slice(1));
  return html`
    <li class=${classes("tab", isCurrent && "current", talk.unread > 0 && "unread", talk.out && "out")}>
      <button type="button" aria-current=${isCurrent ? "page" : undefined} onClick=${() => app.goTo(talk.key)}>
        ${talk.kind === "room" ? html`<span class="hash" aria-hidden="true">#</span>` : html`<${Avatar} name=${talk.name} small />`}
        <${Name} name=${talk.name} class="tab-name" />
        ${isAway && html`<span class="tag">${t("is_away_short")}</span>`}
        ${
          talk.unread > 0
            ? html`<span class=${talk.mentions ? "badge called" : "badge"}>
              <span aria-hidden="true">${talk.mentions ? "@" : ""}${talk.unread > 99 ? "99+" : talk.unread}</span>
              <span
                class="sr-only">, ${t("unread", { count: talk.unread })}${talk.mentions ? `, ${t("with_mentions")}` : ""}</span>
            </span>`
            : count != null && html`<${Count} t=${t} count=${count} />`
        }
      </button>
      ${
        talk.key !== roomKey(state.lobby) &&
        html`
        <${IconButton} name="close" class="tab-close"
          label=${`${t(talk.kind === "room" ? "leave" : "close_private")}: ${visible(talk.name)}`}
          onClick=${() => app.act({ on: "leave", key: talk.key })} />
      `
      }
    </li>
  `;
};

const Count = ({ t, count }) => html`
  <span class="count"><span aria-hidden="true">${count}</span><span
    class="sr-only">, ${t("people_count", { count })}</span></span>
`;

const Other = ({ app, line }) => {
  const { t } = app;
  const join = () => {
    app.act({ on: "join", room: line.room });
    app.show({ drawer: null });
  };
  return html`
    <li class="tab other">
      <button type="button" onClick=${join} title=${line.topic ? visible(line.topic) : null}>
        <span class="hash" aria-hidden="true">#</span>
        <${Name} name=${line.room} class="tab-name" />
        ${
          (line.password || line.invite_only) &&
          html`<span class="locked" title=${t(line.password ? "needs_password" : "needs_invitation")}><${Icon}
            name="lock" />
          <span class="sr-only">, ${t(line.password ? "needs_password" : "needs_invitation")}</span></span>`
        }
        <${Count} t=${t} count=${line.count} />
      </button>
    </li>
  `;
};

const Invitations = ({ app }) => html`
  <ul class="invitations">
    ${app.state.invitations.map(
      ({ room, from }) => html`
      <li key=${room}>
        <p>${phrase(app, "invitation", { name: from, room })}</p>
        <button type="button" class="primary small"
          onClick=${() => app.act({ on: "join", room })}>${app.t("join")}</button>
        <button type="button" class="link"
          onClick=${() => app.act({ on: "decline-invitation", room })}>${app.t("decline")}</button>
      </li>
    `,
    )}
  </ul>
`;

/** Oneself, and what concerns oneself. */
const Me = ({ app }) => {
  const { t, state } = app;
  const isAway = state.away.has(state.name?.toLowerCase());
  return html`
    <footer class="me">
      <button type="button" class="me-button" aria-haspopup="menu"
        onClick=${(event) => app.ownMenu(event.currentTarget)}>
        <span class="sr-only">${t("your_menu")}: </span>
        <${Avatar} name=${state.name || "?"} small />
        <span class="me-words"><${Name} name=${state.name || ""} class="me-name" />
          ${(state.serverRole || isAway) && html`<span class="hint">${isAway ? t("is_away_short") : t(`role_${state.serverRole}`)}</span>`}
        </span>
        <${Icon} name="more" />
      </button>
    </footer>
  `;
};
