// One line of a conversation.

import { clock, dayText, listing, moment } from "../i18n.js";
import { excerpt, isJustEmojis, visible } from "../text.js";
import { reactionsIn, standing } from "../state/abouts.js";
import { classes, html, Icon, IconButton, Still } from "./html.js";
import { Author, Avatar, Name, phrase, Words } from "./words.js";

/** Something that somebody said. `grouped`: right after something else of the same person. */
export class Message extends Still {
  render({ line, marks, answered, grouped, active, isGoal, isPerson, me, t, lang, room, log, waits }) {
    const { text, edited, deleted } = standing(line, marks);
    const id = `m${line.id}`;
    const name = line.own ? `${line.from} (${t("you")})` : line.from;
    const big = !deleted && line.kind === "say" && isJustEmojis(text);
    return html`
      <article id=${id} data-id=${line.id} tabindex="-1"
        aria-label=${t("message_by", { name: visible(name), time: clock(lang, line.at) })}
        class=${classes(
          "msg",
          grouped && "grouped",
          line.own && "own",
          line.mention && "called",
          active && "active",
          isGoal && "goal",
          line.delivery,
          waits && "waits",
          big && "big",
        )}
        onMouseEnter=${() => log.activate(line.id)} onFocus=${() => log.activate(line.id)}
          onClick=${(event) => log.tapped(event, line.id)}>
        ${
          grouped
            ? html`<time class="side-time" datetime=${stamp(line.at)}
              title=${moment(lang, line.at)}>${clock(lang, line.at)}</time>`
            : html`<${Avatar} name=${line.from} />`
        }
        <div class="said">
          ${
            !grouped &&
            html`
            <p class="head">
              <${Author} name=${line.from} />
              ${line.own && html`<span class="tag">${t("you")}</span>`}
              ${line.all && html`<span class="tag">${t("to_all")}</span>`}
              <time datetime=${stamp(line.at)} title=${moment(lang, line.at)}>${clock(lang, line.at)}</time>
            </p>
          `
          }
          ${line.kind === "reply" && html`<${Quote} t=${t} answered=${answered} log=${log} seq=${line.about} />`}
          <div class="text" dir="auto">
            ${
              deleted
                ? html`<span class="gone">${t("deleted")}</span>`
                : html`${line.kind === "me" && html`<span class="deed"><${Name} name=${line.from} /> </span>`}<${Words} text=${text} isPerson=${isPerson} me=${me} />`
            }
            ${edited && html`<span class="note-after" title=${marks?.edit ? moment(lang, marks.edit.at) : null}> (${t("edited")})</span>`}
          </div>
          <${Fate} line=${line} t=${t} log=${log} />
          <${Reactions} marks=${deleted ? null : marks} line=${line} me=${me} t=${t} lang=${lang} log=${log}
            room=${room} />
        </div>
        ${active && !line.delivery && html`<${Actions} t=${t} log=${log} line=${line} text=${text} deleted=${deleted} room=${room} />`}
      </article>
    `;
  }
}

const stamp = (at) => new Date(at * 1000).toISOString();

/** What a reply answers. */
const Quote = ({ t, answered, log, seq }) => html`
  <button type="button" class="quote" onClick=${() => log.goTo(seq)}
    aria-label=${answered ? t("in_reply_to", { name: visible(answered.from) }) : t("reply_lost")}>
    <${Icon} name="reply" />
    ${
      answered
        ? html`<${Author} name=${answered.from} /><bdi
          class="quoted">${answered.text ? excerpt(answered.text) : t("deleted")}</bdi>`
        : html`<span class="quoted">${t("reply_lost")}</span>`
    }
  </button>
`;

/** How far a message of one's own has come, if that is worth a word. */
const Fate = ({ line, t, log }) => {
  if (line.delivery === "failed") {
    return html`
      <p class="fate failed"><span>${t("not_sent")}${line.reason ? `: ${line.reason}` : ""}</span>
        <button type="button" class="link" onClick=${() => log.again(line.id)}>${t("send_again")}</button>
        <button type="button" class="link" onClick=${() => log.discard(line.id)}>${t("discard")}</button></p>
    `;
  }
  if (line.delivery === "waiting") return html`<p class="fate sending"><span>${line.reason || t("sending")}</span></p>`;
  if (line.kept) return html`<p class="fate"><span>${t(line.own ? "kept_for_later" : "kept_while_away")}</span></p>`;
  return null;
};

const Reactions = ({ marks, line, me, t, lang, log }) => {
  const groups = reactionsIn(marks);
  if (groups.length === 0) return null;
  return html`
    <ul class="reactions">
      ${groups.map(({ emoji, names }) => {
        const mine = names.some((name) => name.toLowerCase() === me?.toLowerCase());
        const label = t("reaction_by", {
          emoji: visible(emoji),
          names: listing(
            lang,
            names.map((name) => visible(name)),
          ),
        });
        return html`<li key=${emoji}>
          <button type="button" class=${mine ? "mine" : ""} aria-pressed=${mine} aria-label=${label} title=${label}
            onClick=${() => log.react(line, emoji, !mine)}>${visible(emoji)} <span>${names.length}</span></button>
        </li>`;
      })}
    </ul>
  `;
};

const Actions = ({ t, log, line, text, deleted, room }) => html`
  <div class="actions">
    ${
      !deleted &&
      room &&
      html`
      <${IconButton} name="react" label=${t("react")} tabindex="-1"
        onClick=${(event) => log.openReactions(line, event.currentTarget)} />
      <${IconButton} name="reply" label=${t("reply")} tabindex="-1" onClick=${() => log.reply(line, text)} />
    `
    }
    <${IconButton} name="more" label=${t("more_actions")} tabindex="-1" aria-haspopup="menu"
      onClick=${(event) => log.openMenu(line, event.currentTarget)} />
  </div>
`;

/** A line of the page's own: who came, what the topic is now. */
export class Note extends Still {
  render({ line, t, lang }) {
    return html`<div class="note" id=${`m${line.id}`} data-id=${line.id}>
      ${
        line.key === "presence"
          ? phrases(line.params.events).map(
              ({ what, names }) => html`
            <span>${phrase({ t, lang }, `presence_${what}_${names.length === 1 ? "one" : "many"}`, { names })}</span>`,
            )
          : html`<span>${phrase({ t, lang }, line.key, told(line.params, t))}</span>`
      }
      <time datetime=${stamp(line.at)}>${clock(lang, line.at)}</time>
    </div>`;
  }
}

/** What is filled into a note; a role is a word of the page's own. */
const told = ({ role, ...params }, t) => (role ? { ...params, role: t(`role_${role}`) } : params);

/** Comings and goings in a row, told by what they were; who came and went at once is told as it ended. */
function phrases(events) {
  const last = new Map();
  for (const { what, name } of events) {
    const key = name.toLowerCase();
    const before = last.get(key);
    last.delete(key);
    last.set(key, { what, name, first: before?.first ?? what });
  }
  const found = new Map();
  for (const { what, name } of last.values()) {
    if (!found.has(what)) found.set(what, []);
    found.get(what).push(name);
  }
  return [...found].map(([what, names]) => ({ what, names }));
}

export const DayDivider = ({ at, now, t, lang }) => html`
  <div class="day" role="separator"><span>${dayText(lang, at, now, t)}</span></div>
`;

export const NewDivider = ({ t }) =>
  html`<div class="new-line" role="separator"><span>${t("new_messages")}</span></div>`;
