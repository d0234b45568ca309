import assert from "node:assert/strict";
import test from "node:test";
import { contentOf, factsOf, inkBox, seen } from "../../../functions/console/web/playground/pictures.js";

test("ink is found on dark and on light paper, and nothing on an empty page", () => {
  const page = (paper, ink) => {
    const levels = Float32Array.from({ length: 100 }, () => paper);
    for (const index of [23, 24, 33, 43]) levels[index] = ink;
    return inkBox(levels, 10, 10);
  };
  assert.deepEqual(page(0, 255), { left: 3, top: 2, width: 2, height: 3 });
  assert.deepEqual(page(255, 0), { left: 3, top: 2, width: 2, height: 3 });
  assert.equal(page(200, 205), null);
});

test("the part that a model sees is that of its declared fitting", () => {
  const bitmap = { width: 400, height: 200 };
  const of = (declared) => seen({ size: [100, 100], ...declared }, bitmap, { b64: "" });
  assert.deepEqual(of({}), { left: 0, top: 0, width: 400, height: 200 });
  assert.deepEqual(of({ resize: "cover" }), { left: 100, top: 0, width: 200, height: 200 });
  assert.deepEqual(of({ resize: "cover", crop: 0.5 }), { left: 150, top: 50, width: 100, height: 100 });
  assert.deepEqual(of({ resize: "contain" }), { left: 0, top: -100, width: 400, height: 400 });
});

test("an instance holds a file or pixels, by name or bare", () => {
  assert.deepEqual(contentOf({ image: { b64: "AA==" } }), { b64: "AA==" });
  assert.deepEqual(contentOf({ image: [[1]] }), { pixels: [[1]] });
  assert.deepEqual(contentOf([[1]]), { pixels: [[1]] });
  assert.equal(contentOf(null), null);
  assert.equal(contentOf({ image: 3 }), null);
  assert.deepEqual(factsOf("iVBORw0KGgoA"), { format: "PNG", bytes: 9 });
  assert.deepEqual(factsOf("/9j/4AA="), { format: "JPEG", bytes: 5 });
});
