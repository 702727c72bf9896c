// Who is in the room.

import { folded, visible } from "../text.js";
import { html, IconButton, Still } from "./html.js";
import { Avatar, Name } from "./words.js";

const MOST = 200; // So many people are elements; a filter finds the others.
const RANK = { owner: 0, operator: 1, voice: 2 };

export class People extends Still {
  state = { filter: "" };

  render({ app, members, roles, away, me, t, talkKey }, { filter }) {
    const wanted = folded(filter.trim());
    const all = [...members].filter(([key]) => !wanted || folded(key).includes(wanted));
    const rank = (key) => RANK[roles.get(key)] ?? 3;
    all.sort(([one], [other]) => rank(one) - rank(other) || one.localeCompare(other));
    const shown = all.slice(0, MOST);
    return html`
      <div class="people-inner">
        <header class="side-head">
          <h2>${t("people")} <span class="count">${members.size}</span></h2>
          <${IconButton} name="close" class="drawer-close" label=${t("close")}
            onClick=${() => app.show({ drawer: null })} />
        </header>
        ${
          members.size > 12 &&
          html`
          <div class="go"><input class="field" type="text" aria-label=${t("people_filter")}
            placeholder=${t("people_filter")} value=${filter} autocomplete="off"
            onInput=${(event) => this.setState({ filter: event.target.value })} /></div>
        `
        }
        <ul class="side-scroll" tabindex=${shown.length ? undefined : "0"}>
          ${shown.map(
            ([key, name]) => html`
            <li key=${key} class=${away.has(key) ? "person away" : "person"}>
              <button type="button" aria-haspopup="menu"
                onClick=${(event) => app.personMenu(talkKey, name, event.currentTarget)}>
                <${Avatar} name=${name} small />
                <span class="person-words"><span><${Name}
                  name=${name} />${key === me?.toLowerCase() && html` <span class="tag">${t("you")}</span>`}</span>
                  ${away.has(key) && html`<bdi class="hint">${away.get(key) ? visible(away.get(key)) : t("is_away_short")}</bdi>`}
                </span>
                ${roles.has(key) && html`<span class=${`role ${roles.get(key)}`}>${t(`role_${roles.get(key)}`)}</span>`}
              </button>
            </li>
          `,
          )}
        </ul>
        ${all.length > shown.length && html`<p class="hint more">${t("and_more", { count: all.length - shown.length })}</p>`}
      </div>
    `;
  }
}
