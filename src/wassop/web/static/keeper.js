// What this browser keeps: the look, the language and the name for good, drafts until they are sent, and for this tab
// alone what outlives a reload. A browser may keep nothing; then all that is missing is memory. Never a password.

const PREFERENCES = "wassop.preferences";
const NAME = "wassop.name";
const DRAFTS = "wassop.drafts";
const SESSION = "wassop.session";

export class Keeper {
  preferences() {
    return { theme: "auto", lang: null, ...read(localStore(), PREFERENCES) };
  }

  prefer(changes) {
    write(localStore(), PREFERENCES, { ...this.preferences(), ...changes });
  }

  name = () => read(localStore(), NAME) ?? "";
  keepName = (name) => write(localStore(), NAME, name);

  drafts = () => read(localStore(), DRAFTS) ?? {};
  keepDrafts = (drafts) => write(localStore(), DRAFTS, drafts);

  /** What the tab had before it was loaded again. */
  kept = () => read(sessionStore(), SESSION);

  keep(session) {
    if (session !== null) write(sessionStore(), SESSION, session);
  }

  forget() {
    write(sessionStore(), SESSION, null);
    write(localStore(), DRAFTS, {});
  }
}

const localStore = () => store("localStorage");
const sessionStore = () => store("sessionStorage");

function store(name) {
  try {
    return window[name];
  } catch {
    return null; // forbidden by the person
  }
}

function read(from, key) {
  try {
    return JSON.parse(from?.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

function write(to, key, value) {
  try {
    to?.setItem(key, JSON.stringify(value));
  } catch {
    // full, or forbidden
  }
}
