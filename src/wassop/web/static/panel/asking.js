// Requests and their answers over one connection.
//
// Rule 1: every request is settled: with its answer, or, when the connection goes, with none.

export class Asking {
  constructor(send) {
    this.send = send;
    this.waiting = new Map();
    this.count = 0;
  }

  /** Resolves to the answer, be it an error; to null when there is none to come. */
  ask(message) {
    const id = (this.count += 1);
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      if (!this.send({ ...message, id })) this.#settle(id, null);
    });
  }

  /** Whether `message` was an answer that somebody waited for. */
  heard(message) {
    return message.re !== undefined && this.#settle(message.re, message);
  }

  /** The connection has gone. */
  lost() {
    for (const id of [...this.waiting.keys()]) this.#settle(id, null);
  }

  #settle(id, answer) {
    const resolve = this.waiting.get(id);
    this.waiting.delete(id);
    if (resolve) resolve(answer);
    return resolve !== undefined;
  }
}
