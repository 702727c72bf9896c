// The messages of a conversation: a window on its lines, that stays where the reader is.
//
// Rule 1: however many lines there are, at most MOST of them are elements.
// Rule 2: who reads at the bottom stays there; for anybody else nothing moves when something comes.

import { dayOf } from "../i18n.js";
import { standing } from "../state/abouts.js";
import { beginsHere, isFull } from "../state/older.js";
import { Component, createRef, html, Icon } from "./html.js";
import { DayDivider, Message, NewDivider, Note } from "./message.js";
import { Name } from "./words.js";

const FEW = 100; // So many lines are elements for who reads at the bottom.
const MOST = 320;
const STEP = 60;
const NEAR = 500; // So many pixels from an end the next lines are made.
const AT_BOTTOM = 48;
const GROUP_S = 300;
const revealed = new WeakSet(); // What was to be shown once, and was.

export class Log extends Component {
  state = { top: null, end: null, active: null, bottom: true, goal: null };
  pane = createRef();

  componentDidMount() {
    this.props.app.holdLog(this);
    this.stick();
    this.resized = new ResizeObserver(() => this.state.bottom && this.stick());
    this.resized.observe(this.pane.current);
    this.reveal();
    if (this.state.bottom) this.look(true);
  }

  componentWillUnmount() {
    this.resized.disconnect();
  }

  shouldComponentUpdate(next, nextState) {
    const { app, talk } = this.props;
    return (
      talk !== next.talk ||
      nextState !== this.state ||
      app.t !== next.app.t ||
      app.ui.reveal !== next.app.ui.reveal ||
      app.state.pending !== next.app.state.pending ||
      app.state.name !== next.app.state.name
    );
  }

  /** Where the first line that is seen stands, so that it can stay there. */
  getSnapshotBeforeUpdate() {
    const pane = this.pane.current;
    if (!pane || this.isStuck) return null;
    const edge = pane.getBoundingClientRect().top;
    for (const element of pane.querySelectorAll("[data-id]")) {
      const box = element.getBoundingClientRect();
      if (box.bottom > edge) return { id: element.id, top: box.top };
    }
    return null;
  }

  componentDidUpdate(_props, _state, anchor) {
    if (this.isStuck && this.state.end === null) this.stick();
    else if (anchor) {
      const element = document.getElementById(anchor.id);
      const moved = element ? element.getBoundingClientRect().top - anchor.top : 0;
      if (moved) this.pane.current.scrollTop += moved;
    }
    this.reveal();
    this.fill();
  }

  isStuck = true;

  stick() {
    const pane = this.pane.current;
    pane.scrollTop = pane.scrollHeight;
  }

  /** Whoever stands near the top gets what is above: lines that are here, or else the server's. */
  fill() {
    const { talk, app } = this.props;
    if (this.pane.current.scrollTop >= NEAR) return;
    const { start, end } = this.slice();
    if (start === 0) {
      if (!beginsHere(talk) && !talk.fetching) app.act({ on: "at-top", key: talk.key });
    } else if (!this.isStuck) {
      const from = Math.max(0, start - STEP);
      const next = { top: talk.lines[from].id };
      if (end - from > MOST) next.end = talk.lines[from + MOST - 1].id;
      this.setState(next);
    }
  }

  slice(state = this.state) {
    const { lines } = this.props.talk;
    const end = state.end === null ? lines.length : placeOf(lines, state.end) + 1 || lines.length;
    const top = state.top === null ? -1 : placeOf(lines, state.top);
    const start = top >= 0 && top < end ? top : Math.max(0, end - FEW);
    // What comes in below who reads above is made when that is scrolled to.
    return { start, end: Math.min(end, start + MOST) };
  }

  onScroll = () => {
    const pane = this.pane.current;
    const { lines } = this.props.talk;
    const { start, end } = this.slice();
    const below = pane.scrollHeight - pane.scrollTop - pane.clientHeight;
    const bottom = end === lines.length && below < AT_BOTTOM;
    this.isStuck = bottom;
    const next = { bottom };
    if (bottom) Object.assign(next, { top: null, end: null });
    else if (this.state.top === null) next.top = lines[start]?.id ?? null;
    if (below < NEAR && end < lines.length) {
      const to = Math.min(lines.length, end + STEP);
      next.end = to === lines.length ? null : lines[to - 1].id;
      next.top = lines[Math.max(start, to - MOST)].id;
    }
    if (Object.keys(next).some((key) => next[key] !== this.state[key])) this.setState(next);
    else this.fill();
    this.look(bottom);
  };

  look(bottom) {
    if (this.props.app.state.looking.bottom !== bottom) this.props.app.act({ on: "looked", bottom });
  }

  toBottom = () => {
    this.isStuck = true;
    this.setState({ top: null, end: null, bottom: true }, () => {
      this.stick();
      this.look(true);
    });
  };

  /** Go to the line that somebody wanted to see. */
  reveal() {
    const { reveal } = this.props.app.ui;
    if (!reveal || revealed.has(reveal) || reveal.key !== this.props.talk.key) return;
    const { lines } = this.props.talk;
    const place = placeOf(lines, reveal.id);
    if (place < 0) return; // it is there when the page is drawn next
    revealed.add(reveal);
    this.isStuck = false;
    const from = Math.max(0, place - STEP);
    const to = Math.min(lines.length, place + STEP);
    const window = { top: lines[from].id, end: to === lines.length ? null : lines[to - 1].id };
    this.setState({ ...window, bottom: false, goal: reveal.id, active: reveal.id }, () => {
      const element = document.getElementById(`m${reveal.id}`);
      element?.scrollIntoView({ block: "center" });
      element?.focus({ preventScroll: true });
    });
  }

  // What messages ask for

  activate(id) {
    if (this.state.active !== id) this.setState({ active: id });
  }

  tapped(event, id) {
    if (!event.target.closest("a, button")) this.activate(id);
  }

  again = (id) => this.props.app.act({ on: "again", key: this.props.talk.key, id });
  discard = (id) => this.props.app.act({ on: "discard", key: this.props.talk.key, id });
  reply = (line, text) => this.props.app.compose({ key: this.props.talk.key, replyTo: line, text });
  openMenu = (line, anchor) => this.props.app.messageMenu(this.props.talk, line, anchor);
  goTo = (seq) => this.props.app.act({ on: "go-to", room: this.props.talk.name, seq });

  react(line, emoji, wanted) {
    this.props.app.act({ on: "react", key: this.props.talk.key, seq: line.seq, emoji, wanted });
  }

  openReactions(line, anchor) {
    const react = (emoji) => {
      this.props.app.show({ layer: null });
      this.react(line, emoji, true);
    };
    this.props.app.show({ layer: { kind: "quick", anchor, onPick: react } });
  }

  onKey = (event) => {
    if (event.target.closest("button, a, input, textarea")) return;
    const articles = [...this.pane.current.querySelectorAll("article")];
    const place = articles.indexOf(event.target.closest("article"));
    const line = place < 0 ? null : this.props.talk.lines.find(({ id }) => String(id) === articles[place].dataset.id);
    const go = (to) => articles[Math.max(0, Math.min(articles.length - 1, to))]?.focus();
    switch (event.key) {
      case "ArrowUp":
        go(place < 0 ? articles.length - 1 : place - 1);
        break;
      case "ArrowDown":
        if (place === articles.length - 1) this.props.app.focusComposer();
        else go(place < 0 ? articles.length - 1 : place + 1);
        break;
      case "End":
        this.toBottom();
        go(articles.length - 1);
        break;
      case "Escape":
        this.props.app.focusComposer();
        break;
      default:
        if (!line || event.ctrlKey || event.metaKey || event.altKey) return;
        if (!this.props.app.messageKey(this.props.talk, line, event.key, articles[place], this)) return;
    }
    event.preventDefault();
  };

  render({ app, talk }, { active, bottom, goal }) {
    const { t, lang, state } = app;
    const { start, end } = this.slice();
    return html`
      <div class="log-frame">
        <div class="log" ref=${this.pane} role="log" aria-live="off"
          aria-label=${t("messages_in", { name: talk.name })} tabindex="0"
          onScroll=${this.onScroll} onKeyDown=${this.onKey} onMouseLeave=${() => this.activate(null)}>
          <div class="log-inner">
            <${Beginning} talk=${talk} t=${t} start=${start} />
            ${rows(app, talk, start, end, { active, goal, log: this })}
            ${talk.gap && html`<p class="status">${t("catching_up")}</p>`}
          </div>
        </div>
        ${
          !bottom &&
          html`
          <button type="button" class="jump" onClick=${this.toBottom}>
            <${Icon} name="down" />
            <span>${talk.unread ? t("jump_down_count", { count: talk.unread }) : t("jump_down")}</span>
          </button>
        `
        }
      </div>
    `;
  }
}

const Beginning = ({ talk, t, start }) => {
  if (start > 0) return null;
  if (isFull(talk) && !beginsHere(talk)) return html`<p class="status">${t("no_more_kept")}</p>`;
  if (talk.fetching || !beginsHere(talk)) return html`<p class="status">${talk.entered ? t("fetching_older") : ""}</p>`;
  const text = t(talk.kind === "private" ? "begins_private" : "begins_here", { name: "\u0000" }).split("\u0000");
  return html`<p class="beginning">${text[0]}<strong><${Name} name=${talk.name} /></strong>${text[1]}</p>`;
};

/** The lines from `start` to `end`, with days and the beginning of what is new between them. */
function rows(app, talk, start, end, { active, goal, log }) {
  const { t, lang, state } = app;
  const now = Date.now() / 1000;
  const isPerson = app.isPerson(talk);
  const bySeq = new Map(talk.lines.filter((line) => line.seq != null).map((line) => [line.seq, line]));
  const waiting = new Set(state.pending.map(({ message }) => message.about).filter((about) => about != null));
  const found = [];
  let before = start > 0 ? talk.lines[start - 1] : null;
  for (const line of talk.lines.slice(start, end)) {
    const isNewDay = before === null ? talk.kind === "room" || line.at : dayOf(before.at) !== dayOf(line.at);
    if (isNewDay) found.push(html`<${DayDivider} key=${`d${line.id}`} at=${line.at} now=${now} t=${t} lang=${lang} />`);
    const isNew = line.id === talk.newFrom;
    if (isNew) found.push(html`<${NewDivider} key="new" t=${t} />`);
    if (line.type === "note") found.push(html`<${Note} key=${line.id} line=${line} t=${t} lang=${lang} />`);
    else {
      const answered = line.kind === "reply" ? (quoted(bySeq.get(line.about), talk) ?? line.quote ?? null) : null;
      found.push(html`
        <${Message} key=${line.id} line=${line} marks=${talk.abouts[line.seq]}
          grouped=${!isNewDay && !isNew && follows(before, line)}
          answered=${answered} active=${active === line.id} isGoal=${goal === line.id} isPerson=${isPerson}
            me=${state.name}
          room=${talk.kind === "room"} waits=${line.seq != null && waiting.has(line.seq)} t=${t} lang=${lang}
            log=${log} />
      `);
    }
    before = line;
  }
  return found;
}

const quotes = new WeakMap();

/** What a reply shows of the line that it answers, {from, text}; the same object as long as that says the same. */
function quoted(line, talk) {
  if (!line) return null;
  const { text } = standing(line, talk.abouts[line.seq]);
  const known = quotes.get(line);
  if (known && known.text === text) return known;
  const quote = { from: line.from, text };
  quotes.set(line, quote);
  return quote;
}

function follows(before, line) {
  return (
    before !== null &&
    before.type === "talk" &&
    before.from === line.from &&
    line.at - before.at < GROUP_S &&
    line.kind !== "reply" &&
    before.kind !== "me" &&
    line.kind !== "me" &&
    !line.all &&
    !before.all
  );
}

function placeOf(lines, id) {
  for (let place = lines.length - 1; place >= 0; place -= 1) if (lines[place].id === id) return place;
  return -1;
}
