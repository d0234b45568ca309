import assert from "node:assert/strict";
import test from "node:test";
import { bounds, place, ticks } from "../../../functions/console/web/models/axes.js";
import { fronted, isMoreBetter } from "../../../functions/console/web/models/front.js";
import { request } from "../../../functions/console/web/models/requests.js";
import { clipped, fenced } from "../../../functions/console/web/models/scale.js";
import { isReported, roles } from "../../../functions/console/web/models/state.js";

test("ticks are round and lie within the bounds", () => {
  assert.deepEqual(ticks(0, 100), [0, 20, 40, 60, 80, 100]);
  assert.deepEqual(ticks(0.9931, 0.9955), [0.9935, 0.994, 0.9945, 0.995, 0.9955]);
  assert.deepEqual(ticks(-3, 3), [-2, 0, 2]);
});

test("bounds have room around the values, and some where all are the same", () => {
  const { low, high } = bounds([2, 4]);
  assert.ok(low < 2 && high > 4);
  assert.deepEqual(bounds([0], true), { low: 0, high: 1 });
  assert.equal(place({ low: 0, high: 10 }, 5, 100, 200), 150);
});

test("a refused candidate that is far off does not squeeze the others", () => {
  const points = [{ y: 0.99, kind: "original" }, { y: 0.98, kind: "passes" }, { y: 0.975, kind: "fails" }, { y: 0.1, kind: "fails" }];
  const scale = fenced(points);
  assert.ok(scale.low < 0.975 || scale.low <= clipped(scale, 0.975));
  assert.ok(scale.low > 0.5);
  assert.equal(clipped(scale, 0.1), scale.low);
});

test("the line joins what passes and nothing beats, whichever way quality goes", () => {
  const points = [
    { id: "a", x: 1, y: 0.9, kind: "passes" },
    { id: "b", x: 2, y: 0.95, kind: "original" },
    { id: "c", x: 3, y: 0.94, kind: "passes" },
    { id: "d", x: 0.5, y: 0.99, kind: "fails" },
  ];
  const joined = (isMore) => fronted(points, isMore).filter((point) => point.front).map((point) => point.id);
  assert.deepEqual(joined(true), ["a", "b"]);
  assert.deepEqual(joined(false), ["a"]);
  assert.equal(isMoreBetter({ original: { score: 0.9 }, tried: [{ score: 0.8, drop: 0.1 }] }), true);
  assert.equal(isMoreBetter({ original: { score: 2 }, tried: [{ score: 3, drop: 1 }] }), false);
});

test("an action is the call of the admin API that names the state it was meant for", () => {
  const asked = { version: 3, weight: 0.1, why: "x", generation: 7 };
  assert.deepEqual(request("promote", "iris", asked), { path: "admin/models/iris:promote", json: { version: 3, why: "x", generation: 7 } });
  assert.deepEqual(request("canary", "iris", asked).json, { version: 3, weight: 0.1, why: "x", generation: 7 });
  assert.deepEqual(request("shadow", "iris", { ...asked, version: null }).json, { version: null, why: "x", generation: 7 });
  assert.deepEqual(request("rollback", "iris", asked).json, { why: "x", generation: 7 });
  assert.deepEqual(request("retire", "iris", asked), { path: "admin/models/iris/versions/3:retire", json: { why: "x" } });
});

test("a version is whatever the state names it as", () => {
  const state = { live: 2, previous: 1, canary: { version: 3, weight: 0.1 }, shadow: 1 };
  assert.deepEqual(roles({ version: 2 }, state), ["live"]);
  assert.deepEqual(roles({ version: 1 }, state), ["shadow", "previous"]);
  assert.deepEqual(roles({ version: 3 }, state), ["canary"]);
  assert.deepEqual(roles({ version: 4, retired: true }, state), ["retired"]);
});

test("a report is asked for only where there is one", () => {
  assert.equal(isReported({ metric: null, original_size: null }), false);
  assert.equal(isReported({ metric: { name: "accuracy", before: 1, after: 1 }, original_size: null }), true);
  assert.equal(isReported({ metric: null, original_size: 10 }), true);
});
