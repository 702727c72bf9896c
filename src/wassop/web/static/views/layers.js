// What lies above the page: dialogs, menus and small panels that hang from what opened them.

import { Component, createRef, html, IconButton } from "./html.js";

/** A modal dialog. `onClose` is told when it is closed, by whichever way. */
export class Dialog extends Component {
  ref = createRef();

  componentDidMount() {
    this.dialog = this.ref.current;
    this.dialog.showModal();
  }

  componentWillUnmount() {
    this.dialog.close(); // gives the focus back to whoever had it
  }

  render({ title, t, onClose, wide, children }) {
    const outside = (event) => {
      if (event.target === this.ref.current) onClose();
    };
    return html`
      <dialog ref=${this.ref} class=${wide ? "wide" : ""} aria-labelledby="dialog-title" onMouseDown=${outside}
        onCancel=${(event) => {
          event.preventDefault();
          onClose();
        }}>
        <div class="dialog-body">
          <header><h2 id="dialog-title">${title}</h2><${IconButton} name="close" label=${t("close")}
            onClick=${onClose} /></header>
          ${children}
        </div>
      </dialog>
    `;
  }
}

/** A panel beside `anchor` (an element), within the window. */
export class Hanging extends Component {
  ref = createRef();

  componentDidMount() {
    this.before = document.activeElement;
    this.place();
    this.onDown = (event) => {
      if (!this.ref.current.contains(event.target)) this.props.onClose();
    };
    document.addEventListener("pointerdown", this.onDown, true);
    window.addEventListener("resize", this.props.onClose);
  }

  componentWillUnmount() {
    document.removeEventListener("pointerdown", this.onDown, true);
    window.removeEventListener("resize", this.props.onClose);
    const isFree = document.activeElement === document.body || this.ref.current?.contains(document.activeElement);
    if (isFree && this.before?.isConnected) this.before.focus();
  }

  componentDidUpdate() {
    this.place();
  }

  place() {
    const panel = this.ref.current;
    const box = this.props.anchor.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = panel;
    const room = { right: window.innerWidth - 8, bottom: window.innerHeight - 8 };
    const below = box.bottom + 6 + height <= room.bottom || box.top < height + 14;
    const left = Math.max(8, Math.min(this.props.align === "end" ? box.right - width : box.left, room.right - width));
    const top = below ? Math.min(box.bottom + 6, room.bottom - height) : box.top - 6 - height;
    panel.style.left = `${left}px`;
    panel.style.top = `${Math.max(8, top)}px`;
  }

  render({ class: more, onClose, children, ...others }) {
    const keys = (event) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        onClose();
      }
    };
    const { anchor, align, ...attributes } = others;
    return html`<div ref=${this.ref} class=${`hanging ${more || ""}`} onKeyDown=${keys} ...${attributes}>${children}</div>`;
  }
}

/** A menu: `items` are {label, act, danger}, {heading} or null. */
export class Menu extends Component {
  list = createRef();

  componentDidMount() {
    this.items()[0]?.focus();
  }

  items() {
    return [...this.list.current.querySelectorAll("[role=menuitem]")];
  }

  onKey = (event) => {
    const items = this.items();
    const place = items.indexOf(document.activeElement);
    const to = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      items.at(to % items.length)?.focus();
    } else if (event.key === "Tab") {
      event.preventDefault();
      this.props.onClose();
    } else if (event.key.length === 1) {
      const typed = event.key.toLowerCase();
      const after = [...items.slice(place + 1), ...items];
      after.find((item) => item.textContent.trim().toLowerCase().startsWith(typed))?.focus();
    }
  };

  render({ items, label, anchor, align, onClose }) {
    const choose = (act) => () => {
      onClose();
      act();
    };
    return html`
      <${Hanging} class="menu" anchor=${anchor} align=${align} onClose=${onClose}>
        <div ref=${this.list} role="menu" aria-label=${label} onKeyDown=${this.onKey}>
          ${items
            .filter(Boolean)
            .map((item) =>
              item.heading !== undefined
                ? html`<div class="menu-heading" role="presentation">${item.heading}</div>`
                : html`<button type="button" role="menuitem" tabindex="-1" class=${item.danger ? "danger" : ""}
                  onClick=${choose(item.act)}>${item.label}</button>`,
            )}
        </div>
      <//>
    `;
  }
}
