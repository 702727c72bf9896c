// Text: what is harmful becomes visible, what is a link is one, what is typed means what it should.

import assert from "node:assert/strict";
import { test } from "node:test";

import { GROUPS, emojisLike, unfinishedShortcut, withEmojis } from "../../src/wassop/web/static/emojis.js";
import { chosenLanguage, TABLES, translator } from "../../src/wassop/web/static/i18n.js";
import { duration, understood } from "../../src/wassop/web/static/slash.js";
import { excerpt, isJustEmojis, mentions, pieces, visible, withFound } from "../../src/wassop/web/static/text.js";

const links = (text) =>
  pieces(text)
    .filter(({ link }) => link)
    .map(({ link }) => link);

test("control characters and overrides of direction become visible", () => {
  assert.equal(visible("a\u202eb\u2066c\u001b[31m\u0000\u007f\u009b"), "a\ufffdb\ufffdc␛[31m␀␡\ufffd");
  assert.equal(visible("uno\ndos\tx"), "uno␊dos x");
  assert.equal(visible("uno\r\ndos\u2028x", true), "uno\ndos␤x");
  assert.equal(visible("שלום \u200e ❤️ 👩‍💻 🏴󠁧󠁢󠁥󠁮󠁧󠁿"), "שלום \u200e ❤️ 👩‍💻 🏴󠁧󠁢󠁥󠁮󠁧󠁿");
});

test("only http and https are links, without the sentence's end", () => {
  assert.deepEqual(links("mira https://a.org/x_(y). ¡http://b.org/?q=1&r=2#z!"), [
    "https://a.org/x_(y)",
    "http://b.org/?q=1&r=2#z",
  ]);
  assert.deepEqual(links("(https://a.org/x)"), ["https://a.org/x"]);
  for (const text of [
    "javascript:alert(1)",
    "data:text/html,x",
    "ftp://a.org",
    "file:///x",
    "//a.org",
    "https://",
    "http://[",
    "xhttps",
  ]) {
    assert.deepEqual(links(text), [], text);
  }
});

test("pieces put together are the text", () => {
  for (const text of [
    "",
    "hola @ana.",
    "@ana @bob https://a.org/@ana x",
    "a@ana.org",
    "https://a.org\nhttps://b.org",
  ]) {
    assert.equal(
      pieces(text, (name) => ["ana", "bob"].includes(name))
        .map((piece) => piece.text)
        .join(""),
      text,
    );
  }
  assert.deepEqual(
    pieces("@ana.", (name) => name === "ana").map(({ at }) => at),
    ["ana", undefined],
  );
});

test("a mention is a whole name after an @, in any case", () => {
  assert.ok(mentions("hola @ANA!", "ana"));
  assert.ok(mentions("@ana.", "ana"));
  assert.ok(mentions("@josé-luis", "José-Luis"));
  for (const text of ["ana", "@anabel", "x@ana", "@ana_2"]) assert.ok(!mentions(text, "ana"), text);
});

test("shortcuts become emojis, as in the terminal client", () => {
  assert.equal(withEmojis("te quiero :corazon: :Corazón: :nada: 12:30:fiesta:"), "te quiero ❤️ ❤️ :nada: 12:30🎉");
  assert.equal(unfinishedShortcut("hola :cora"), ":cora");
  assert.equal(unfinishedShortcut("12:30"), null);
  assert.equal(emojisLike("corazon")[0].emoji, "❤️");
  assert.equal(emojisLike("no hay tal cosa").length, 0);
});

test("no emoji stands in the picker twice", () => {
  const all = GROUPS.flatMap(({ emojis }) => emojis.map(({ emoji }) => emoji));
  assert.equal(new Set(all).size, all.length);
  for (const emoji of all) assert.ok(isJustEmojis(emoji), emoji);
  for (const text of ["12", "a👍", "#", " ", ""]) assert.ok(!isJustEmojis(text), text);
});

test("found words are marked whatever their case and accents", () => {
  const marked = withFound("La CANCIÓN, canciones", "cancion").filter(({ found }) => found);
  assert.deepEqual(
    marked.map(({ text }) => text),
    ["CANCIÓN"],
  );
});

test("an excerpt is one line of bounded length", () => {
  assert.equal(excerpt("uno\n\n dos"), "uno dos");
  assert.equal([...excerpt("👍".repeat(200), 10)].length, 10);
});

test("both languages have the same texts, with the same things to fill in", () => {
  const { es, en } = TABLES;
  assert.deepEqual(Object.keys(es), Object.keys(en));
  const blanks = (text) =>
    [
      ...new Set(
        [text]
          .flat()
          .join(" ")
          .match(/\{\w+\}/g),
      ),
    ].sort();
  for (const key of Object.keys(es)) {
    assert.equal(Array.isArray(es[key]), Array.isArray(en[key]), key);
    assert.deepEqual(blanks(es[key]), blanks(en[key]), key);
  }
});

test("questions and exclamations in Spanish begin as they should", () => {
  for (const text of Object.values(TABLES.es).flat()) {
    assert.equal(text.includes("?"), text.includes("¿"), text);
    assert.equal(text.includes("!"), text.includes("¡"), text);
  }
});

test("the language is the chosen one, else the browser's, else the server's", () => {
  assert.equal(chosenLanguage("en", ["es-ES"], "es"), "en");
  assert.equal(chosenLanguage(null, ["fr-FR", "en-US"], "es"), "en");
  assert.equal(chosenLanguage(null, ["fr-FR"], "en"), "en");
  assert.equal(chosenLanguage("xx", [], "yy"), "es");
  assert.equal(translator("es")("people_count", { count: 1 }), "1 persona");
  assert.equal(translator("es")("people_count", { count: 3 }), "3 personas");
});

const inRoom = (text) => understood(text, { room: "Sala1", lobby: "General" });

test("what begins with a slash is a command, two slashes are a text", () => {
  assert.deepEqual(inRoom("  hola  "), { do: "talk", text: "hola" });
  assert.deepEqual(inRoom("//hola"), { do: "talk", text: "/hola" });
  assert.deepEqual(inRoom("LOVE"), { do: "talk", text: "❤️" });
  assert.deepEqual(inRoom("LOVE you"), { do: "talk", text: "LOVE you" });
  assert.deepEqual(inRoom("/msg @bob hola a ti"), { do: "tell", to: "bob", text: "hola a ti" });
  assert.deepEqual(inRoom("/topic -"), { do: "topic", text: "" });
  assert.equal(inRoom("/baila").key, "unknown_command");
  assert.equal(inRoom("/constructor").key, "unknown_command");
  assert.equal(inRoom("/msg").key, "incomplete");
  assert.equal(understood("/kick bob", { room: null, lobby: "General" }).key, "only_in_room");
});

test("moderating commands have the terminal client's grammar", () => {
  const message = (text) => inRoom(text).message;
  assert.deepEqual(message("/kick @bob ya basta"), { t: "kick", room: "Sala1", who: "bob", reason: "ya basta" });
  assert.deepEqual(message("/ban bob 10m spam"), { t: "ban", room: "Sala1", who: "bob", for_s: 600, reason: "spam" });
  assert.deepEqual(message("/ban 10.0.0.0/8"), { t: "ban", room: "Sala1", network: "10.0.0.0/8" });
  assert.deepEqual(message("/ban account:bob 7d"), { t: "ban", room: "Sala1", account: "bob", for_s: 604800 });
  assert.deepEqual(message("/mode invite-only on"), { t: "modes", room: "Sala1", set: { invite_only: true } });
  assert.deepEqual(message("/mode slow off"), { t: "modes", room: "Sala1", set: { slow_s: 0 } });
  assert.deepEqual(message("/mode password off"), { t: "modes", room: "Sala1", set: { password: "" } });
  assert.deepEqual(message("/op bob"), { t: "role", room: "Sala1", who: "bob", role: "operator" });
  assert.equal(inRoom("/mode fast on").key, "incomplete");
  assert.equal(duration("2h"), 7200);
  assert.equal(duration("pronto"), null);
});
