// The panel's modules without a browser: rates and histograms, lines of a graph, requests and their answers, texts.

import assert from "node:assert/strict";
import test from "node:test";

import { Asking } from "../../src/wassop/web/static/panel/asking.js";
import { age, between, bytes, ceiling, duration, kept, KEPT, number, quantile } from "../../src/wassop/web/static/panel/rates.js";
import { TEXTS, translator } from "../../src/wassop/web/static/panel/texts.js";

const figures = (at, more = {}) => ({
  at, started_at: 1, messages: 0, private_messages: 0, deliveries: 0, sessions: {}, fanout: { bounds_s: [0.1, 1], counts: [0, 0, 0] }, ...more,
});

test("a rate is what was counted between two answers, a second", () => {
  const sample = between(figures(10, { messages: 5, deliveries: 50 }), figures(12, { messages: 9, private_messages: 2, deliveries: 90 }));
  assert.equal(sample.messages, 3);
  assert.equal(sample.deliveries, 21);
});

test("the first answer, one after a new start and one of the same moment tell of nothing", () => {
  const now = figures(12, { messages: 9, deliveries: 90, fanout: { bounds_s: [0.1, 1], counts: [4, 0, 0] } });
  for (const before of [null, figures(10, { started_at: 0, messages: 1 }), figures(12)]) {
    const sample = between(before, now);
    assert.deepEqual([sample.messages, sample.deliveries, sample.p50], [0, 0, null]);
  }
});

test("a quantile lies in the bucket where that share is reached", () => {
  const bounds = [0.1, 1, 10];
  assert.equal(quantile(bounds, [0, 0, 0, 0], 0.5), null);
  assert.equal(quantile(bounds, [2, 0, 0, 0], 0.5), 0.05);
  assert.equal(quantile(bounds, [10, 0, 0, 0], 1), 0.1);
  assert.ok(Math.abs(quantile(bounds, [50, 50, 0, 0], 0.99) - 0.982) < 1e-9);
  assert.equal(quantile(bounds, [0, 0, 0, 3], 0.5), 10, "more is not known");
});

test("quantiles are of what came in between, not of all that ever was", () => {
  const before = figures(10, { fanout: { bounds_s: [0.1, 1], counts: [1000, 0, 0] } });
  const now = figures(11, { fanout: { bounds_s: [0.1, 1], counts: [1000, 4, 0] } });
  assert.equal(between(before, now).p50, 0.55);
});

test("so many samples are kept and no more", () => {
  let samples = [];
  for (let place = 0; place < KEPT + 5; place += 1) samples = kept(samples, place);
  assert.equal(samples.length, KEPT);
  assert.equal(samples.at(-1), KEPT + 4);
});

test("the top of a graph is a round number that is high enough", () => {
  assert.deepEqual([0, 0.3, 1, 3, 7, 12, 50, 51, 1e6].map(ceiling), [1, 0.5, 1, 5, 10, 20, 50, 100, 1e6]);
});

test("numbers read as people write them", () => {
  assert.equal(duration("es", 0.00081), "0,8 ms");
  assert.equal(duration("es", null), "–");
  assert.equal(duration("en", 2.5), "2.5 s");
  assert.equal(bytes("en", 1536), "1.5 KiB");
  assert.equal(bytes("en", 0), "0 B");
  assert.equal(number("es", 0.25), "0,3");
  assert.deepEqual([0, 59, 60, 7200, 200_000].map(age), ["0 s", "59 s", "1 min", "2 h", "2 d"]);
});

test("an answer settles its request, and the end of the connection all others", async () => {
  const sent = [];
  const asking = new Asking((message) => sent.push(message) > 0);
  const [first, second] = [asking.ask({ t: "a" }), asking.ask({ t: "b" })];
  assert.deepEqual(sent, [{ t: "a", id: 1 }, { t: "b", id: 2 }]);
  assert.ok(asking.heard({ t: "ok", re: 2 }));
  assert.ok(!asking.heard({ t: "ok", re: 2 }), "once");
  assert.ok(!asking.heard({ t: "said" }));
  assert.deepEqual(await second, { t: "ok", re: 2 });
  asking.lost();
  assert.equal(await first, null);
  assert.equal(await new Asking(() => false).ask({ t: "a" }), null);
});

test("both languages have the same texts with the same places", () => {
  const places = (entry) => [entry].flat().map((text) => (text.match(/\{\w+\}/g) ?? []).sort().join());
  assert.deepEqual(Object.keys(TEXTS.en), Object.keys(TEXTS.es));
  for (const key of Object.keys(TEXTS.es)) {
    assert.equal(Array.isArray(TEXTS.en[key]), Array.isArray(TEXTS.es[key]), key);
    assert.deepEqual(places(TEXTS.en[key]).at(-1), places(TEXTS.es[key]).at(-1), key);
  }
  assert.equal(translator("es")("people_count", { count: 1 }), "1 persona conectada");
  assert.equal(translator("en")("people_count", { count: 2 }), "2 people are connected");
  assert.throws(() => translator("es")("no such"));
});
