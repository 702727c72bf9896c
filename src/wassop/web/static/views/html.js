// The view library, in one place. No HTML is ever made of text: `html` builds elements, and text becomes text nodes.

import htm from "../vendor/htm.js";
import { Component, createRef, Fragment, h, render } from "../vendor/preact.js";

export const html = htm.bind(h);
export { Component, createRef, Fragment, h, render };

/** A component that draws again only when one of its properties is another value. */
export class Still extends Component {
  shouldComponentUpdate(next, nextState) {
    return differ(this.props, next) || differ(this.state, nextState);
  }
}

function differ(one, other) {
  for (const key in other) if (one[key] !== other[key]) return true;
  for (const key in one) if (!(key in other)) return true;
  return false;
}

/** Class names, but for those that do not apply. */
export const classes = (...names) => names.filter(Boolean).join(" ");

const PATHS = {
  menu: "M4 7h16M4 12h16M4 17h16",
  close: "M6 6l12 12M18 6L6 18",
  send: "M5 12h13M12 5l7 7-7 7",
  smile: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8.5 14.5c.9 1.2 2.1 1.8 3.5 1.8s2.6-.6 3.5-1.8M9 9.5v.5M15 9.5v.5",
  react:
    "M20.8 10.5A9 9 0 1 1 13.5 3.1M8.5 14.5c.9 1.2 2.1 1.8 3.5 1.8s2.6-.6 3.5-1.8M9 9.5v.5M15 9.5v.5M19 2v6M16 5h6",
  reply: "M9 7L4 12l5 5M4 12h10a6 6 0 0 1 6 6",
  edit: "M4 20h4L19 9l-4-4L4 16v4ZM13 7l4 4",
  trash: "M5 7h14M10 7V5h4v2M7 7l1 12h8l1-12",
  more: "M5.5 12h.01M12 12h.01M18.5 12h.01",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM16 16l4.5 4.5",
  people:
    "M9 12a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 19.5c.6-3 3-5 6.5-5s5.9 2 6.5 5M16 5.3a3.5 3.5 0 0 1 0 6.4M18 14.8c2 .7 3.2 2.4 3.6 4.7",
  down: "M12 5v14M6 13l6 6 6-6",
  lock: "M7 11V8a5 5 0 0 1 10 0v3M5.5 11h13v9h-13v-9Z",
  copy: "M9 9h11v11H9V9ZM5 15H4V4h11v1",
  at: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM16 8v5a2.5 2.5 0 0 0 5 0v-1a9 9 0 1 0-3.5 7.1",
  chat: "M4 5h16v11H9l-5 4V5Z",
  plus: "M12 5v14M5 12h14",
  check: "M5 12.5l4.5 4.5L19 7.5",
};

/** A drawing beside a text that says the same. */
export const Icon = ({ name }) => html`
  <svg class=${`icon icon-${name}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d=${PATHS[name]} /></svg>
`;

/** A button that is only a drawing; `label` says what it does. */
export const IconButton = ({ name, label, class: more, children, ...others }) => html`
  <button type="button" class=${classes("icon-button", more)} aria-label=${label} title=${label} ...${others}>
    <${Icon} name=${name} />${children}
  </button>
`;
