import assert from "node:assert/strict";
import test from "node:test";
import { cost, requestOf, timings, told } from "../../../functions/console/web/playground/requests.js";

const MODEL = { name: "iris svm", preprocess: { kind: "tabular", features: [] } };

test("an instance goes to the live version, or to the one that is asked for", () => {
  assert.deepEqual(requestOf(MODEL, { instance: { a: 1 } }), { path: "v1/models/iris%20svm:predict", json: { instances: [{ a: 1 }] } });
  assert.deepEqual(requestOf(MODEL, { version: "3", lane: "explain", instance: 1, parameters: { top_k: 2 } }), {
    path: "v1/models/iris%20svm/versions/3:explain",
    json: { instances: [1], parameters: { top_k: 2 } },
  });
});

test("a model without declared processing is asked for tensors", () => {
  const instance = { inputs: [{ name: "x", datatype: "FP32", shape: [1], data: [0] }] };
  assert.deepEqual(requestOf({ name: "m" }, { instance }), { path: "v2/models/m/infer", json: instance });
});

test("headers tell who answered, from where, and in what time", () => {
  const headers = new Headers({ "x-ortless-model": "iris@3", "x-ortless-variant": "canary", "x-cache": "hit", "server-timing": "total;dur=12.5, cold;dur=310" });
  assert.deepEqual(told(headers), { model: "iris", version: "3", variant: "canary", cache: "hit", functionMs: 12.5, cold: true, request: "" });
  assert.deepEqual(told(new Headers()), { model: "", version: "", variant: "", cache: "", functionMs: null, cold: false, request: "" });
  assert.deepEqual(timings('total;desc="a";dur=3'), { total: 3 });
});

test("a request costs its memory for each begun millisecond, the invocation and the gateway", () => {
  const settings = { memory_mb: 2048, prices: { gb_second: 0.00001, invocation: 0.0000002, gateway_request: 0.000003 } };
  assert.ok(Math.abs(cost(settings, 9.2) - (2 * 0.01 * 0.00001 + 0.0000032)) < 1e-15);
  const isolated = { ...settings, own_memory_mb: { iris: 4096 } };
  assert.ok(Math.abs(cost(isolated, 9.2, "iris") - (4 * 0.01 * 0.00001 + 0.0000032)) < 1e-15);
  assert.equal(cost(isolated, 9.2, "digits"), cost(settings, 9.2, "digits"));
  assert.equal(cost({ memory_mb: 2048 }, 9), null);
  assert.equal(cost(settings, null), null);
});
