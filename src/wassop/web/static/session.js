// A browser that stays logged in: the server gives it a cookie that no script reads, in exchange for a code.

/** Begin a session with a code; without one, the password is asked for the next time. */
export async function stayLoggedIn(code) {
  try {
    await fetch("/session", { method: "POST", headers: { "X-Wassop-Code": code } });
  } catch {
    // The network has gone, or the doors are closed.
  }
}

/** End it. `logout` on a connection that was opened with the cookie ends it, too. */
export async function endSession() {
  try {
    await fetch("/session/end", { method: "POST" });
  } catch {
    // As above.
  }
}
