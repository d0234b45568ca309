import assert from "node:assert/strict";
import test from "node:test";
import { busiest, isIdle, peak, sum, titled, together, totals } from "../../../functions/console/web/activity/series.js";

const active = (model, requests, more = {}) => ({ model, version: "1", series: { requests, errors: [null, null], cold_starts: [], cache_hits: [], ...more } });

test("what is not known is no zero", () => {
  assert.equal(sum([null, 2, undefined, 3]), 5);
  assert.equal(sum([null, undefined]), null);
  assert.equal(peak([null, 4, 2]), 4);
  assert.equal(peak([null]), null);
});

test("several models together are summed point by point", () => {
  const models = [active("a", [1, null]), active("b", [2, null])];
  assert.deepEqual(together(models, "requests", 2), [3, null]);
  assert.deepEqual(totals(models), { requests: 3, errors: 0, cold_starts: 0, cache_hits: 0 });
  assert.equal(isIdle(models), false);
  assert.equal(isIdle([active("a", [null, 0])]), true);
  assert.equal(isIdle([]), true);
});

test("a chart has four lines at most: the busiest, and the others as one", () => {
  const models = ["a", "b", "c", "d", "e"].map((name, index) => active(name, [index, null]));
  assert.deepEqual(busiest(models.slice(0, 4)).rest, []);
  const { shown, rest } = busiest(models);
  assert.deepEqual([shown.map(titled), rest.map(titled)], [["e@1", "d@1", "c@1"], ["b@1", "a@1"]]);
});
