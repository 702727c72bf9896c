// Desktop notifications, once the person has allowed them: private messages, and being called by name.

import { excerpt, visible } from "./text.js";

export class Notifier {
  constructor(open) {
    this.open = open;
  }

  /** "unsupported", "default" (not asked yet), "granted" or "denied". */
  get permission() {
    return "Notification" in window ? Notification.permission : "unsupported";
  }

  ask() {
    return Notification.requestPermission();
  }

  notify({ key, room, from, text }, t) {
    if (this.permission !== "granted" || !t || (!document.hidden && document.hasFocus())) return;
    const name = visible(from);
    const title = room === null ? t("notify_private", { name }) : t("notify_room", { name, room: visible(room) });
    try {
      const shown = new Notification(title, {
        body: text === null ? t("notify_invited") : excerpt(text, 160),
        tag: key,
      });
      shown.onclick = () => {
        window.focus();
        this.open(key);
        shown.close();
      };
    } catch {
      // Some phones allow them only to service workers.
    }
  }
}
