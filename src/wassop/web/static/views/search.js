// Finding what was said, and going there.

import { shortMoment } from "../i18n.js";
import { visible, withFound } from "../text.js";
import { Component, createRef, html } from "./html.js";
import { Dialog } from "./layers.js";
import { Author, Name, phrase } from "./words.js";

const DAY_S = 86400;

class Search extends Component {
  field = createRef();

  componentDidMount() {
    this.field.current.focus();
    if (this.props.words) this.search();
  }

  componentWillUnmount() {
    this.props.app.act({ on: "forget-search" });
  }

  search = (event) => {
    event?.preventDefault();
    const form = this.field.current.form.elements;
    const day = (name, add) => (form[name].value ? new Date(`${form[name].value}T00:00`).getTime() / 1000 + add : null);
    const query = {
      words: form.words.value.trim(),
      room: form.here?.checked ? this.props.room : null,
      from: form.from.value.trim().replace(/^@/, "") || null,
      since: day("since", 0),
      until: day("until", DAY_S),
    };
    if (query.words) this.props.app.act({ on: "search", query });
  };

  render({ app, room, words }) {
    const { t, lang, state } = app;
    const { search, around } = state;
    return html`
      <${Dialog} title=${t("search_in")} t=${t} onClose=${app.close} wide>
        <form onSubmit=${this.search}>
          <div class="search-line">
            <input ref=${this.field} class="field" name="words" type="search" dir="auto" autocomplete="off"
              defaultValue=${words ?? ""} required
              aria-label=${t("search_words")} placeholder=${t("search_words")} />
            <button type="submit" class="primary"
              disabled=${search?.busy}>${search?.busy ? t("searching") : t("search")}</button>
          </div>
          <div class="narrow">
            <label class="labelled"><span>${t("search_from")}</span><input class="field" name="from"
              autocomplete="off" /></label>
            <label class="labelled"><span>${t("search_since")}</span><input class="field" type="date" name="since" />
            </label>
            <label class="labelled"><span>${t("search_until")}</span><input class="field" type="date" name="until" />
            </label>
          </div>
          ${room !== null && html`<label class="check"><input type="checkbox" name="here" /><span>${phrase(app, "search_here", { name: room })}</span></label>`}
        </form>
        <div role="status">${search === null && html`<p class="hint">${t("search_hint")}</p>`}
          ${search?.error && html`<p class="problem">${search.error}</p>`}
          ${search && !search.busy && !search.error && search.messages.length === 0 && html`<p>${t("search_none")}</p>`}</div>
        ${
          around
            ? html`<${Around} app=${app} around=${around} />`
            : search?.messages.length > 0 &&
              html`
          <div class="found" tabindex="0" role="region" aria-label=${t("search_in")}>
            ${search.messages.map(
              (said) => html`
              <button type="button" class="hit" key=${`${said.room} ${said.seq}`} title=${t("go_there")} onClick=${() => app.act({ on: "go-to", room: said.room, seq: said.seq })}>
                <span class="hit-head"><${Author} name=${said.from} /><span class="hint">#<${Name}
                  name=${said.room} /></span><time class="hint">${shortMoment(lang, said.at)}</time></span>
                <${Found} said=${said} words=${search.query.words} />
              </button>
            `,
            )}
            ${
              search.more &&
              html`<button type="button" class="link" disabled=${search.busy}
              onClick=${() => app.act({ on: "search", query: search.query, before: search.messages.at(-1).at })}>${t("search_more")}</button>`
            }
          </div>
        `
        }
      <//>
    `;
  }
}

const Found = ({ said, words }) => html`
  <bdi>${withFound(said.text, words).map(({ text, found }) => (found ? html`<mark>${visible(text)}</mark>` : visible(text)))}</bdi>
`;

/** A message too far away to go to, with what stands around it. */
const Around = ({ app, around }) => {
  const { t, lang } = app;
  return html`
    <h3>${phrase(app, "around_title", { room: around.room })}</h3>
    <div class="found" tabindex="0" role="region" aria-label=${t("around_title", { room: visible(around.room) })}>
      ${around.messages
        .filter(({ text }) => text)
        .map(
          (said) => html`
        <div class=${said.seq === around.seq ? "passage wanted" : "passage"} key=${said.seq}>
          <span class="hit-head"><${Author} name=${said.from} /><time
            class="hint">${shortMoment(lang, said.at)}</time></span>
          <bdi>${visible(said.text, true)}</bdi>
        </div>
      `,
        )}
    </div>
    <div class="buttons"><button type="button" class="link"
      onClick=${() => app.act({ on: "forget-around" })}>${t("back_to_results")}</button></div>
  `;
};

export const DIALOGS = { search: Search };
