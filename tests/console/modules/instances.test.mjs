import assert from "node:assert/strict";
import test from "node:test";
import { blank, examplesOf, formOf, isDrawn, isExplained, shaped, span } from "../../../functions/console/web/playground/instances.js";

const features = [{ name: "a", range: [0, 30], typical: 3 }, { name: "b", type: "category", categories: ["x", "y"] }, { name: "c" }];

test("every declared kind has its form, and what declares none is edited as tensors", () => {
  const forms = [
    [{ kind: "tabular" }, "features"],
    [{ kind: "image" }, "picture"],
    [{ kind: "text" }, "words"],
    [{ kind: "sequence", features }, "steps"],
    [{ kind: "sequence", vocabulary: "items.txt" }, "items"],
    [{ kind: "rows" }, "tensors"],
    [null, "tensors"],
    [{ kind: "of tomorrow" }, "tensors"],
  ];
  for (const [preprocess, form] of forms) assert.equal(formOf({ preprocess }), form);
  assert.equal(formOf({ preprocess: {}, postprocess: { kind: "classification" } }), "row");
  assert.equal(formOf({ preprocess: { kind: "text" }, postprocess: { kind: "nearest" } }), "conversation");
});

test("only what has parts and a score is explained", () => {
  assert.equal(isExplained({ preprocess: { kind: "text" }, postprocess: { kind: "classification" } }), true);
  assert.equal(isExplained({ preprocess: { kind: "text" }, postprocess: { kind: "embedding" } }), false);
  assert.equal(isExplained({ preprocess: { kind: "text" } }), false);
});

test("a small picture of greys is drawn, others are not", () => {
  assert.deepEqual([isDrawn({ mode: "L", size: [28, 28] }), isDrawn({ mode: "L", size: [512, 512] }), isDrawn({ size: [28, 28] })], [true, false, false]);
});

test("without an example a form begins with everyday values", () => {
  assert.deepEqual(blank({ preprocess: { kind: "tabular", features } }), { a: 3, b: "x", c: 0 });
  assert.deepEqual(blank({ preprocess: { kind: "text", pair: true } }), { text: "", pair: "" });
  assert.deepEqual(blank({ preprocess: { kind: "sequence", features: features.slice(0, 1), field: "steps" } }), { steps: [{ a: 3 }] });
  assert.deepEqual(blank({}, { inputs: [{ name: "x", datatype: "FP32", shape: [-1, 2] }] }), {
    inputs: [{ name: "x", datatype: "FP32", shape: [1, 2], data: [0, 0] }],
  });
  const rows = { postprocess: { kind: "regression" } };
  assert.deepEqual(blank(rows, { inputs: [{ name: "x", datatype: "FP32", shape: [-1, 2, 3] }] }), [[0, 0, 0], [0, 0, 0]]);
  assert.deepEqual(blank(rows, { inputs: [{ name: "x", datatype: "BYTES", shape: [-1] }, { name: "y", datatype: "BOOL", shape: [-1, 1] }] }), { x: "", y: [false] });
});

test("golden requests become an example for each instance, in the form that is edited", () => {
  const model = { preprocess: { kind: "tabular", features } };
  const examples = [{ name: "one", request: { instances: [[1, "y", 2]] } }, { name: "two", request: { instances: [{ a: 4 }, { a: 5 }] } }, { name: "columns", request: { inputs: {} } }];
  assert.deepEqual(examplesOf(model, examples), [
    { name: "one", instance: { a: 1, b: "y", c: 2 } },
    { name: "two 1", instance: { a: 4 } },
    { name: "two 2", instance: { a: 5 } },
  ]);
  assert.deepEqual(shaped({ preprocess: { kind: "sequence", vocabulary: ["p"] } }, ["p"]), { sequence: ["p"] });
  assert.deepEqual(shaped({ preprocess: { kind: "text" } }, "hello"), { text: "hello" });
});

test("a slider spans what is usual within what is possible", () => {
  const income = span({ range: [0, 10_000_000], typical: 32_000 }, [20_000, 60_000]);
  assert.equal(income.low, 0);
  assert.ok(income.high >= 60_000 && income.high <= 200_000, `${income.high}`);
  assert.deepEqual(span({ range: [0, 1] }), { low: 0, high: 1, step: 0.005 });
  assert.equal(span({}), null);
  assert.equal(span({ range: [0, null] }), null);
  assert.ok(span({ range: [null, 0], typical: -5 }).low < -5);
  assert.equal(span({ range: [-5, 5], typical: 0 }, []).low >= -5, true);
});
