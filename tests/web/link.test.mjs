// The connection: noticed when dead, made again with growing pauses, silent about what was given up.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Link, objects } from "../../src/wassop/web/static/link.js";

class Clock {
  constructor() {
    this.now = 0;
    this.due = [];
  }

  setTimeout = (act, ms) => {
    const timer = { at: this.now + ms, act };
    this.due.push(timer);
    return timer;
  };

  clearTimeout = (timer) => {
    this.due = this.due.filter((each) => each !== timer);
  };

  random = () => 0;

  pass(ms) {
    const until = this.now + ms;
    for (;;) {
      const [next] = this.due.filter(({ at }) => at <= until).sort((one, other) => one.at - other.at);
      if (!next) break;
      this.now = next.at;
      this.clearTimeout(next);
      next.act();
    }
    this.now = until;
  }
}

function linked() {
  const clock = new Clock();
  const told = [];
  const sockets = [];
  const open = (url) => {
    const socket = {
      url,
      readyState: 0,
      sent: [],
      closed: false,
      send: (text) => socket.sent.push(JSON.parse(text)),
      close: () => (socket.closed = true),
    };
    sockets.push(socket);
    return socket;
  };
  const link = new Link("ws://x/ws", (event) => told.push(event), { open, clock });
  const opened = (socket) => {
    socket.readyState = 1;
    socket.onopen({});
  };
  return { link, clock, told, sockets, opened };
}

const names = (told) => told.map(({ on }) => on);

test("frames hold one object a line, and what is none is left out", () => {
  assert.deepEqual(objects('{"t":"a"}\n\n{"t":"b"}\n'), [{ t: "a" }, { t: "b" }]);
  assert.deepEqual(objects("42\nnull\n{"), []);
});

test("a lost connection is made again after pauses that grow up to half a minute", () => {
  const { link, clock, sockets } = linked();
  link.start();
  const pauses = [];
  for (let count = 0; count < 7; count += 1) {
    const before = clock.now;
    sockets.at(-1).onclose({});
    while (sockets.length === count + 1) clock.pass(100);
    pauses.push(Math.round((clock.now - before) / 1000));
  }
  assert.deepEqual(pauses, [1, 2, 4, 8, 16, 30, 30]);
});

test("a connection that proved good makes the next pause the shortest again", () => {
  const { link, clock, told, sockets, opened } = linked();
  link.start();
  sockets[0].onclose({});
  clock.pass(1000);
  opened(sockets[1]);
  link.welcomed();
  sockets[1].onclose({});
  assert.deepEqual(told.at(-1), { on: "waiting", seconds: 1 });
});

test("a silent server is asked, and given up when it stays silent", () => {
  const { link, clock, told, sockets, opened } = linked();
  link.start();
  opened(sockets[0]);
  clock.pass(45_000);
  assert.deepEqual(sockets[0].sent, [{ t: "ping" }]);
  sockets[0].onmessage({ data: '{"t":"pong"}' });
  clock.pass(44_000);
  assert.equal(sockets[0].sent.length, 1);
  clock.pass(1_000 + 45_000);
  assert.equal(sockets[0].closed, true);
  assert.ok(names(told).includes("lost"));
});

test("a connection that never opens is given up", () => {
  const { link, clock, told, sockets } = linked();
  link.start();
  clock.pass(15_000);
  assert.equal(sockets[0].closed, true);
  assert.ok(names(told).includes("lost"));
});

test("what a connection says after it was given up is not heard", () => {
  const { link, told, sockets, opened } = linked();
  link.start();
  opened(sockets[0]);
  link.drop();
  const before = told.length;
  sockets[0].onmessage({ data: '{"t":"said"}' });
  sockets[0].onclose({});
  assert.equal(told.length, before);
});

test("who does not want to wait need not, and who stopped is not connected again", () => {
  const { link, clock, sockets } = linked();
  link.start();
  sockets[0].onclose({});
  link.hurry();
  assert.equal(sockets.length, 2);
  link.stop();
  clock.pass(100_000);
  link.hurry();
  assert.equal(sockets.length, 2);
});

test("nothing is sent into a connection that is not open", () => {
  const { link, sockets, opened } = linked();
  assert.equal(link.send({ t: "ping" }), false);
  link.start();
  assert.equal(link.send({ t: "ping" }), false);
  opened(sockets[0]);
  assert.equal(link.send({ t: "ping" }), true);
});
