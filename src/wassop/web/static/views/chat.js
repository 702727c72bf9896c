// The chat: conversations at one side, people at the other, what is said between them.

import { visible } from "../text.js";
import { Composer } from "./composer.js";
import { classes, html, Icon, IconButton } from "./html.js";
import { Log } from "./log.js";
import { ownRank } from "./menus.js";
import { People } from "./people.js";
import { Sidebar } from "./sidebar.js";
import { Name, phrase } from "./words.js";

const MOST_TYPING = 3;
const VOICE = 2;

export const Chat = ({ app }) => {
  const { t, state, ui } = app;
  const talk = state.conversations[state.current];
  const hasPeople = talk?.kind === "room" && !talk.out;
  const others = Object.values(state.conversations).filter(({ key }) => key !== state.current);
  const news = others.some(({ unread }) => unread > 0);
  return html`
    <div class=${classes("chat", ui.drawer && `drawer-${ui.drawer}`, hasPeople && !ui.peopleHidden && "with-people")}>
      <a class="skip" href="#composer" onClick=${(event) => {
        event.preventDefault();
        app.focusComposer();
      }}>${t("skip_to_composer")}</a>
      <aside class="sidebar" aria-label=${t("conversations")}><${Sidebar} app=${app} /></aside>
      <main class="main">
        ${talk && html`<${Header} app=${app} talk=${talk} news=${news} />`}
        <${Connection} app=${app} />
        ${
          talk
            ? html`<${Log} key=${talk.key} app=${app} talk=${talk} />
              <${Typing} app=${app} talk=${talk} />
              <${Bottom} app=${app} talk=${talk} />`
            : html`<div class="log-frame"><p class="status">${t("connecting")}</p></div>`
        }
      </main>
      ${
        hasPeople &&
        html`<aside class="people" aria-label=${t("show_people")}>
        <${People} app=${app.still} members=${talk.members} roles=${talk.roles} away=${state.away} me=${state.name}
          t=${t} talkKey=${talk.key} />
      </aside>`
      }
      <div class="shade" onClick=${() => app.show({ drawer: null })}></div>
    </div>
  `;
};

const Header = ({ app, talk, news }) => {
  const { t } = app;
  const topic = talk.topic?.text;
  const isRoom = talk.kind === "room";
  return html`
    <header class="head-bar">
      <button type="button" class="icon-button drawer-open" aria-label=${t("open_menu")}
        onClick=${() => app.show({ drawer: "rooms" })}>
        <${Icon} name="menu" />${news && html`<span class="dot"></span>`}
      </button>
      <div class="title">
        <h1>${isRoom && html`<span class="hash" aria-hidden="true">#</span>`}<${Name} name=${talk.name} /></h1>
        ${topic && html`<p class="topic" dir="auto" title=${visible(topic)}>${visible(topic)}</p>`}
      </div>
      <${IconButton} name="search" label=${t("search")} aria-haspopup="dialog"
        onClick=${() => app.open({ kind: "search", room: isRoom ? talk.name : null })} />
      ${
        isRoom &&
        !talk.out &&
        html`
        <button type="button" class="icon-button people-button"
          aria-label=${`${t("show_people")}: ${talk.members.size}`} title=${t("show_people")} onClick=${app.togglePeople}>
          <${Icon} name="people" /><span aria-hidden="true">${talk.members.size}</span>
        </button>
      `
      }
      <${IconButton} name="more" label=${t("room_menu")} aria-haspopup="menu"
        onClick=${(event) => app.roomMenu(talk, event.currentTarget)} />
    </header>
  `;
};

/** How the connection is, when it is not well. */
const Connection = ({ app }) => {
  const { t, state } = app;
  if (state.online === "ready") return null;
  const isAway = state.online === "away";
  const text = isAway ? state.lostText || t("lost") : t("connecting");
  return html`
    <div class="connection" role="status">
      <span>${text}</span>
      ${isAway && state.retryIn && html`<span aria-hidden="true">${t("next_try", { seconds: state.retryIn })}</span>`}
      ${isAway && html`<button type="button" class="link" onClick=${app.hurry}>${t("retry_now")}</button>`}
    </div>
  `;
};

const Typing = ({ app, talk }) => {
  const names = [...talk.typing.values()].map(({ name }) => name);
  const key = names.length === 1 ? "is_typing" : names.length <= MOST_TYPING ? "are_typing" : "many_typing";
  return html`<p class="typing">${names.length > 0 && phrase(app, key, { names })}</p>`;
};

/** The composer, or why there is none. */
const Bottom = ({ app, talk }) => {
  const { t } = app;
  if (talk.out) {
    const { why, by, reason } = talk.out;
    return html`
      <div class="composer out">
        <p>${phrase(app, `out_${why}`, { by: by || "" })} ${reason && html`<bdi>${visible(reason)}</bdi>`}</p>
        <button type="button" class="primary"
          onClick=${() => app.act({ on: "join", room: talk.name })}>${t("come_back")}</button>
      </div>
    `;
  }
  if (talk.muted && !(talk.muted.until && talk.muted.until < Date.now() / 1000)) {
    return html`<div class="composer out">
    <p>${t("you_are_muted")} ${talk.muted.reason && html`<bdi>${visible(talk.muted.reason)}</bdi>`}</p></div>`;
  }
  if (talk.modes.moderated && ownRank(app.state, talk) < VOICE)
    return html`<div class="composer out"><p>${t("only_voices")}</p></div>`;
  return html`<${Composer} app=${app} talk=${talk} />`;
};
