// The page's state: nothing twice, nothing lost, nothing out of order. What the terminal client's tests hold of it
// (tests/client/test_comeback.py), held of the page.

import assert from "node:assert/strict";
import { test } from "node:test";

import { worthKeeping } from "../../src/wassop/web/static/state.js";
import { Chat, entries, entry, joined, said, welcome } from "./chat.mjs";

const back = (chat, resumed, more = {}) => {
  const { id } = chat.sentOne("hello");
  return chat.hear(welcome(id, { resumed: [joined("General"), ...resumed], ...more }));
};

test("a name is asked for, then hello is said with it once there is a connection", () => {
  const chat = new Chat().on("enter", { name: "ana" });
  assert.deepEqual(chat.done("connect"), [{ do: "connect" }]);
  assert.deepEqual(chat.sent(), []);
  chat.on("connected");
  assert.equal(chat.sentOne("hello").name, "ana");
  assert.equal(chat.state.place, "naming");
});

test("a refused name leads back to the question, and says why", () => {
  const chat = new Chat().on("enter", { name: "ana" }).on("connected");
  chat.hear({ t: "error", re: chat.sentOne("hello").id, code: "name-taken", text: "ya está" });
  assert.equal(chat.state.entrance.text, "ya está");
  chat.on("enter", { name: "eva" });
  assert.deepEqual(chat.done("hello"), [{ do: "hello" }]);
});

test("a registered name asks for its password, which goes with the next hello and is kept nowhere", () => {
  const chat = new Chat().on("enter", { name: "ana" }).on("connected");
  chat.hear({ t: "error", re: chat.sentOne("hello").id, code: "password-needed", text: "falta" });
  assert.equal(chat.state.entrance.needsPassword, true);
  chat.on("enter", { name: "ana", password: "secreto!" }).on("hello");
  const hello = chat.sentOne("hello");
  assert.equal(hello.password, "secreto!");
  chat.hear(welcome(hello.id, { account: true }));
  assert.equal(JSON.stringify(worthKeeping(chat.state)).includes("secreto!"), false);
});

test("one's own message stands there at once, and is numbered by its answer", () => {
  const chat = new Chat().entered("ana", "Sala1");
  const { id } = chat.say("hola");
  assert.equal(chat.room().lines.at(-1).delivery, "waiting");
  chat.hear(said(1, "antes"), { t: "ok", re: id, seq: 2, at: 1_790_000_009 });
  assert.deepEqual(chat.seqs(), [1, 2]);
  assert.deepEqual(chat.texts(), ["antes", "hola"]);
  assert.equal(chat.room().lines.at(-1).delivery, undefined);
});

test("an answer that runs ahead leaves room for the smaller numbers", () => {
  const chat = new Chat().entered("ana", "Sala1");
  const { id } = chat.say("mía");
  chat.hear({ t: "ok", re: id, seq: 3, at: 1 });
  assert.deepEqual(chat.room().ledger, { mark: 0, ahead: [3] });
  chat.hear(said(1), said(2));
  assert.deepEqual(chat.seqs(), [1, 2, 3]);
  assert.deepEqual(chat.room().ledger, { mark: 3, ahead: [] });
});

test("what is told twice is shown once", () => {
  const chat = new Chat().entered("ana", "Sala1").hear(said(1), said(1), said(2));
  assert.deepEqual(chat.texts(), ["m1", "m2"]);
});

test("a message without an answer is said again with its nonce after the connection was lost, and shown once", () => {
  const chat = new Chat().entered("ana", "Sala1").hear(said(1));
  const first = chat.say("hola");
  chat.lost();
  const hello = chat.sentOne("hello");
  assert.deepEqual(hello.resume, { General: 0, Sala1: 1 });
  assert.equal(hello.epoch, 1);
  const mine = entry(2, "hola", { from: "ana", nonce: first.nonce });
  chat.hear(
    welcome(hello.id, { resumed: [joined("General"), joined("Sala1", { seq: 2, since: 1, history: [mine] })] }),
  );
  const again = chat.sentOne("say");
  assert.equal(again.nonce, first.nonce);
  assert.notEqual(again.id, first.id);
  chat.hear({ t: "ok", re: again.id, seq: 2, at: 1 });
  assert.deepEqual(chat.texts(), ["m1", "hola"]);
  assert.deepEqual(chat.state.pending, []);
});

test("what is written without a connection waits for it", () => {
  const chat = new Chat().entered("ana", "Sala1").on("lost").on("waiting", { seconds: 3 });
  chat.on("compose", { key: "#sala1", text: "sin conexión" });
  assert.deepEqual(chat.sent(), []);
  chat.on("connected");
  back(chat, [joined("Sala1")]);
  assert.equal(chat.sentOne("say").text, "sin conexión");
});

test("a gap larger than the answer is fetched before anything newer is shown", () => {
  const chat = new Chat().entered("ana", "Sala1").hear(said(1)).lost();
  back(chat, [joined("Sala1", { seq: 300, since: 1, complete: false, history: entries(299, 300) })]);
  const ask = chat.sentOne("history");
  assert.equal(ask.after, 1);
  chat.hear(said(301));
  assert.deepEqual(chat.seqs(), [1]);
  chat.hear({ t: "history", re: ask.id, room: "Sala1", messages: entries(2, 201), more: true });
  const rest = chat.sentOne("history");
  assert.equal(rest.after, 201);
  chat.hear({ t: "history", re: rest.id, room: "Sala1", messages: entries(202, 301) });
  assert.deepEqual(
    chat.seqs(),
    Array.from({ length: 301 }, (_, place) => place + 1),
  );
  assert.equal(chat.room().ledger.mark, 301);
});

test("a message of one's own waits while a gap is fetched, in which it may stand", () => {
  const chat = new Chat().entered("ana", "Sala1").hear(said(1));
  const { nonce } = chat.say("mía");
  chat.lost();
  back(chat, [joined("Sala1", { seq: 9, since: 1, complete: false, history: entries(9, 9) })]);
  const sent = chat.sent();
  assert.deepEqual(
    sent.filter(({ t }) => t === "say"),
    [],
  );
  const ask = sent.find(({ t }) => t === "history");
  const messages = [entry(2, "mía", { from: "ana", nonce }), ...entries(3, 8)];
  chat.hear({ t: "history", re: ask.id, room: "Sala1", messages });
  assert.deepEqual(chat.seqs(), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("what the server no longer remembers is told as missing", () => {
  const chat = new Chat().entered("ana", "Sala1").hear(said(1)).lost();
  back(chat, [joined("Sala1", { seq: 10, since: 1, complete: false, history: entries(9, 10) })]);
  chat.hear({ t: "history", re: chat.sentOne("history").id, room: "Sala1", messages: entries(6, 8) });
  const notes = chat.room().lines.filter(({ key }) => key === "missing");
  assert.deepEqual(
    notes.map(({ params }) => params),
    [{ count: 4 }],
  );
});

test("after a new start of the server a message with another number is known by its nonce", () => {
  const chat = new Chat()
    .entered("ana", "Sala1")
    .hear(said(1), said(2, "dos", { nonce: "n2" }), said(3, "tres", { nonce: "n3" }));
  chat.lost();
  const history = [entry(2, "nueva", { from: "eva", nonce: "n9" }), entry(3, "dos", { nonce: "n2" })];
  back(chat, [joined("Sala1", { seq: 3, since: 1, history })], { epoch: 2 });
  assert.deepEqual(chat.texts(), ["m1", "tres", "nueva", "dos"]);
  assert.deepEqual(chat.seqs(), [1, null, 2, 3]);
  chat.hear(said(4, "tres", { nonce: "n3" }));
  assert.deepEqual(chat.seqs(), [1, 2, 3, 4]);
});

test("coming back, a name that is still in use is asked for again, and in the end another", () => {
  const chat = new Chat().entered("ana", "Sala1");
  for (let count = 1; count < 6; count += 1) {
    chat.lost().hear({ t: "error", re: chat.sentOne("hello").id, code: "name-taken", text: "ya está" });
    assert.equal(chat.done("reconnect").length, 1);
    assert.equal(chat.state.place, "chat");
  }
  chat.lost().hear({ t: "error", re: chat.sentOne("hello").id, code: "name-taken", text: "ya está" });
  assert.equal(chat.state.place, "naming");
});

test("what could not be stored is sent again after a pause, and given up after some", () => {
  const chat = new Chat().entered("ana", "Sala1");
  let { id } = chat.say("hola");
  for (let failures = 1; failures <= 5; failures += 1) {
    chat.hear({ t: "error", re: id, code: "not-stored", text: "disco lleno" });
    const [later] = chat.done("later").filter(({ event }) => event.on === "retry");
    assert.equal(later.ms, 2000 * 2 ** (failures - 1));
    chat.on("retry", later.event);
    id = chat.sentOne("say").id;
  }
  chat.hear({ t: "error", re: id, code: "not-stored", text: "disco lleno" });
  assert.equal(chat.room().lines.at(-1).delivery, "failed");
  assert.deepEqual(chat.state.pending, []);
});

test("a refused message stays, with the reason, and can be said again under another nonce", () => {
  const chat = new Chat().entered("ana", "Sala1");
  const first = chat.say("hola");
  chat.hear({ t: "error", re: first.id, code: "muted", text: "silencio" });
  const line = chat.room().lines.at(-1);
  assert.deepEqual([line.delivery, line.reason], ["failed", "silencio"]);
  chat.on("again", { key: "#sala1", id: line.id });
  assert.notEqual(chat.sentOne("say").nonce, first.nonce);
  assert.deepEqual(chat.texts(), ["hola"]);
});

test("what is new elsewhere is counted, and mentions apart, until it is looked at", () => {
  const chat = new Chat().entered("ana", "Sala1", "Sala2");
  chat.hear(said(1), said(2, "¿@Ana, vienes?"), said(3, "@anabel no"));
  assert.deepEqual([chat.room().unread, chat.room().mentions], [3, 1]);
  assert.equal(chat.done("notify").length, 1);
  chat.on("open", { key: "#sala1" });
  assert.deepEqual([chat.room().unread, chat.room().mentions], [0, 0]);
  assert.equal(chat.room().newFrom, chat.room().lines[0].id);
});

test("what comes while nobody looks, or while one reads above, is new too", () => {
  const chat = new Chat().entered("ana", "Sala1").on("looked", { visible: false }).hear(said(1));
  assert.equal(chat.room().unread, 1);
  chat.on("looked", { visible: true, bottom: false }).hear(said(2));
  assert.equal(chat.room().unread, 2);
  chat.on("looked", { bottom: true });
  assert.equal(chat.room().unread, 0);
});

test("how far one has read is told once it was seen, not for every message", () => {
  const chat = new Chat().entered("ana", "Sala1").hear(said(1), said(2));
  const due = chat.done("later").filter(({ event }) => event.on === "tell-read");
  assert.equal(due.length, 1);
  chat.sent();
  chat.on("tell-read", due[0].event);
  assert.deepEqual(chat.sent(), [{ t: "read", room: "Sala1", seq: 2 }]);
});

test("new messages begin where one stopped reading before", () => {
  const chat = new Chat().entered();
  chat.on("join", { room: "Sala1" });
  chat.hear(joined("Sala1", { re: chat.sentOne("join").id, seq: 5, history: entries(1, 5) }));
  chat.hear({ t: "read", re: chat.sentOne("read").id, room: "Sala1", seq: 3 });
  const line = chat.room().lines.find(({ id }) => id === chat.room().newFrom);
  assert.equal(line.seq, 4);
});

test("older messages are fetched once at a time, and go above", () => {
  const chat = new Chat().entered();
  chat.join("Sala1", { seq: 120, history: entries(71, 120) }).sent();
  chat.on("at-top", { key: "#sala1" }).on("at-top", { key: "#sala1" });
  const ask = chat.sentOne("history");
  assert.equal(ask.before, 71);
  chat.hear({ t: "history", re: ask.id, room: "Sala1", messages: entries(21, 70), more: true });
  assert.deepEqual(
    chat.seqs(),
    Array.from({ length: 100 }, (_, place) => place + 21),
  );
  chat.on("at-top", { key: "#sala1" });
  chat.hear({ t: "history", re: chat.sentOne("history").id, room: "Sala1", messages: entries(1, 20) });
  chat.on("at-top", { key: "#sala1" });
  assert.deepEqual(chat.sent(), []);
});

test("the way to a message far above fetches until it is there", () => {
  const chat = new Chat().entered();
  chat.join("Sala1", { seq: 400, history: entries(351, 400) }).sent();
  chat.on("go-to", { room: "Sala1", seq: 160 });
  chat.hear({ t: "history", re: chat.sentOne("history").id, room: "Sala1", messages: entries(151, 350), more: true });
  const [reveal] = chat.done("reveal");
  assert.equal(chat.room().lines.find(({ id }) => id === reveal.id).seq, 160);
});

test("edits, deletions and reactions change their message, in whichever order they are read", () => {
  const chat = new Chat().entered();
  const about = (seq, kind, text, more) => entry(seq, text, { kind, about: 1, from: "bob", ...more });
  chat
    .join("Sala1", {
      seq: 6,
      history: [about(4, "edit", "dos veces"), about(5, "react", "👍", { from: "eva" }), about(6, "unreact", "🎉")],
    })
    .sent();
  chat.on("at-top", { key: "#sala1" });
  const older = [entry(1, "uno"), about(2, "edit", "una vez"), about(3, "react", "🎉")];
  chat.hear({ t: "history", re: chat.sentOne("history").id, room: "Sala1", messages: older });
  assert.deepEqual(chat.texts(), ["uno"]);
  const marks = chat.room().abouts[1];
  assert.equal(marks.edit.text, "dos veces");
  assert.deepEqual(
    Object.values(marks.reactions)
      .filter(({ on }) => on)
      .map(({ emoji }) => emoji),
    ["👍"],
  );
  chat.hear({ ...said(7, "", { kind: "delete", about: 1 }) });
  assert.equal(chat.room().lines.find(({ seq }) => seq === 1).text, "");
  assert.equal(JSON.stringify(chat.room()).includes("dos veces"), false);
});

test("an edit of one's own counts when it is stored, once", () => {
  const chat = new Chat().entered("ana", "Sala1");
  chat.hear({ t: "ok", re: chat.say("martse").id, seq: 1, at: 1 });
  chat.on("edit", { key: "#sala1", seq: 1, text: "martes" });
  const edit = chat.sentOne("say");
  assert.deepEqual([edit.kind, edit.about, edit.text], ["edit", 1, "martes"]);
  assert.equal(chat.room().abouts[1], undefined);
  chat.hear({ t: "ok", re: edit.id, seq: 2, at: 2 });
  assert.equal(chat.room().abouts[1].edit.text, "martes");
  assert.equal(chat.room().ledger.mark, 2);
});

test("private messages are kept apart by person, and known again by their nonce", () => {
  const chat = new Chat().entered();
  const message = { t: "msg", from: "bob", to: "ana", text: "psst", at: 1, nonce: "n1" };
  chat.hear(message, message, { t: "msg", from: "ana", to: "eva", text: "de mi otro aparato", at: 2, nonce: "n2" });
  assert.deepEqual(chat.texts("@bob"), ["psst"]);
  assert.deepEqual(chat.texts("@eva"), ["de mi otro aparato"]);
  assert.deepEqual([chat.room("@bob").unread, chat.room("@eva").unread], [1, 0]);
});

test("who is put out of a room reads why, and is not resumed there", () => {
  const chat = new Chat().entered("ana", "Sala1");
  chat.hear({ t: "kicked", room: "Sala1", who: "Ana", from: "bob", reason: "basta" });
  assert.deepEqual(chat.room().out, { why: "kicked", by: "bob", reason: "basta" });
  chat.lost();
  assert.deepEqual(Object.keys(chat.sentOne("hello").resume), ["General"]);
});

test("why the server ended a connection is told until there is another, and not of the next loss", () => {
  const chat = new Chat().entered("ana", "Sala1");
  chat.hear({ t: "bye", reason: "shutdown", text: "se detiene" }).on("lost");
  assert.equal(chat.state.lostText, "se detiene");
  chat.on("connecting").on("connected").hear(welcome(chat.sentOne("hello").id)).on("lost");
  assert.equal(chat.state.lostText, null);
});

test("a room that cannot be entered again stays to be read, and is said to be lost", () => {
  const chat = new Chat().entered("ana", "Sala1").hear(said(1)).lost();
  back(chat, []);
  assert.deepEqual(chat.room().out, { why: "lost" });
  assert.deepEqual(chat.texts(), ["m1"]);
});

test("a room's password is asked for, and goes with the next join", () => {
  const chat = new Chat().entered();
  chat.on("join", { room: "Secreta" });
  chat.hear({ t: "error", re: chat.sentOne("join").id, code: "room-password-needed", text: "falta" });
  assert.equal(chat.state.roomPassword.room, "Secreta");
  chat.on("join", { room: "Secreta", password: "x" });
  const join = chat.sentOne("join");
  assert.equal(join.password, "x");
  chat.hear(joined("Secreta", { re: join.id, members: ["ana"] }));
  back(chat.lost(), []);
  const again = chat.sent().find(({ t, room }) => t === "join" && room === "Secreta");
  assert.equal(again.password, "x");
  chat.hear(joined("Secreta", { re: again.id, members: ["ana"] }));
  assert.equal(chat.room("#secreta").out, null);
});

test("of two topics the later one counts, in whichever order they are read", () => {
  const chat = new Chat().entered("ana", "Sala1");
  chat.hear(
    { t: "topic", room: "Sala1", text: "nuevo", from: "bob", at: 20 },
    { t: "topic", room: "Sala1", text: "viejo", from: "eva", at: 10 },
  );
  assert.equal(chat.room().topic.text, "nuevo");
});

test("typing is told at most every few seconds, and forgotten when its message comes", () => {
  const chat = new Chat().entered("ana", "Sala1");
  chat.on("typed", { key: "#sala1" }).on("typed", { key: "#sala1" });
  assert.equal(chat.sent().length, 1);
  chat.hear({ t: "typing", room: "Sala1", from: "bob" });
  assert.deepEqual([...chat.room().typing.keys()], ["bob"]);
  chat.hear(said(1));
  assert.equal(chat.room().typing.size, 0);
});

test("of somebody whose name is a part of every object nothing is known but what was told", () => {
  for (const name of ["constructor", "__proto__"]) {
    const chat = new Chat().entered("ana", "Sala1");
    chat.hear({ t: "presence", room: "Sala1", joined: [name] }, { t: "typing", room: "Sala1", from: name });
    assert.deepEqual([...chat.room().typing.keys()], [name]);
    assert.equal(chat.room().roles.get(name), undefined);
    assert.equal(chat.state.away.get(name), undefined);
    chat.hear({ t: "role", room: "Sala1", who: name, role: "voice", from: "ana" }, { t: "away", who: name, text: "" });
    assert.deepEqual([...chat.room().roles], [[name, "voice"]]);
    assert.deepEqual([...chat.state.away], [[name, ""]]);
    chat.hear({ t: "presence", room: "Sala1", left: [name] });
    assert.deepEqual([chat.room().roles.size, chat.room().typing.size], [0, 0]);
  }
});

test("what was not answered outlives a reload of the page, with its nonce", () => {
  const chat = new Chat().entered("ana", "Sala1");
  const first = chat.say("no te pierdas");
  chat.hear({ t: "msg", from: "bob", to: "ana", text: "psst", at: 1 });
  const kept = JSON.parse(JSON.stringify(worthKeeping(chat.state)));
  const again = new Chat({ kept, noncePrefix: "q" }).on("enter", { name: "ana" }).on("connected");
  again.hear(welcome(again.sentOne("hello").id));
  const joins = again.sent().filter(({ t }) => t === "join");
  assert.deepEqual(
    joins.map(({ room }) => room),
    ["General", "Sala1"],
  );
  const mine = entry(2, "no te pierdas", { from: "ana", nonce: first.nonce });
  again.hear(joined("Sala1", { re: joins[1].id, seq: 3, history: [entry(1), mine, entry(3)] }));
  assert.equal(again.sentOne("say").nonce, first.nonce);
  assert.deepEqual(again.texts(), ["m1", "no te pierdas", "m3"]);
  assert.deepEqual(again.texts("@bob"), ["psst"]);
});

test("after a reload a room that cannot be entered any more says so, and nothing is kept of it", () => {
  const chat = new Chat().entered("ana", "Aula", "Sala1").on("open", { key: "#aula" });
  const kept = JSON.parse(JSON.stringify(worthKeeping(chat.state)));
  const again = new Chat({ kept }).on("enter", { name: "ana" }).on("connected");
  assert.equal(again.state.current, "#aula");
  again.hear(welcome(again.sentOne("hello").id));
  assert.deepEqual(worthKeeping(again.state).rooms, kept.rooms);
  assert.equal(again.state.current, "#aula");
  const join = again.sent().find(({ t, room }) => t === "join" && room === "Aula");
  again.hear({ t: "error", re: join.id, code: "banned", text: "no" });
  assert.equal(again.room("#aula").out.why, "lost");
  assert.equal(worthKeeping(again.state).rooms.includes("Aula"), false);
});

test("rooms that were to be entered again are so when the connection breaks meanwhile", () => {
  const chat = new Chat().entered("ana", "Sala1");
  const kept = JSON.parse(JSON.stringify(worthKeeping(chat.state)));
  const again = new Chat({ kept }).on("enter", { name: "ana" }).on("connected");
  again.hear(welcome(again.sentOne("hello").id));
  again.lost();
  again.hear(welcome(again.sentOne("hello").id));
  const joins = again.sent().filter(({ t }) => t === "join");
  assert.deepEqual(
    joins.map(({ room }) => room),
    ["General", "Sala1"],
  );
});

test("two pages that went on from the same one never use the same nonce for two messages", () => {
  const chat = new Chat().entered("ana", "Sala1");
  const kept = JSON.stringify(worthKeeping(chat.state));
  const [one, other] = ["q", "r"].map((noncePrefix) => {
    const page = new Chat({ kept: JSON.parse(kept), noncePrefix }).on("enter", { name: "ana" }).on("connected");
    page.hear(welcome(page.sentOne("hello").id));
    const join = page.sent().find(({ t, room }) => t === "join" && room === "Sala1");
    return page.hear(joined("Sala1", { re: join.id }));
  });
  assert.notEqual(one.say("hola").nonce, other.say("adiós").nonce);
});

test("under another name nothing of the former is left", () => {
  const chat = new Chat().entered("ana", "Sala1");
  chat.hear({ t: "msg", from: "bob", to: "ana", text: "psst", at: 1 }).hear(said(1, "hola", { from: "eva" }));
  chat.on("login", { name: "eva", password: "secreto!", form: "login" });
  const { id } = chat.sentOne("login");
  chat.hear(
    welcome(id, { name: "eva", account: true, resumed: [joined("General"), joined("Sala1", { seq: 1, since: 1 })] }),
  );
  assert.equal(chat.room("@bob"), undefined);
  assert.equal(chat.room().lines.at(-1).own, true);
  assert.equal(chat.state.wanted.password, "secreto!");
});

test("a name that is registered here, and another password, leave this browser logged in", () => {
  const chat = new Chat().entered("ana");
  for (const message of [
    { t: "register", password: "secreto!" },
    { t: "password", old: "secreto!", new: "otro secreto" },
  ]) {
    chat.on("request", { message, then: { account: true, password: "x" }, form: message.t });
    const { id } = chat.sentOne(message.t);
    assert.equal(chat.done("stay-logged-in").length, 0);
    chat.hear({ t: "ok", re: id });
    assert.equal(chat.done("stay-logged-in").length, 1);
  }
});

test("a conversation of thousands keeps the newest, and can fetch the others again", () => {
  const chat = new Chat().entered("ana", "Sala1");
  chat.state.looking = { visible: true, bottom: true };
  chat.hear(...Array.from({ length: 6100 }, (_, place) => said(place + 1)));
  assert.ok(chat.room().lines.length <= 6000);
  chat.sent();
  chat.on("at-top", { key: "#sala1" });
  const [oldest] = chat.seqs();
  assert.equal(chat.room().oldest, oldest);
});
