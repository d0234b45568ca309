import assert from "node:assert/strict";
import test from "node:test";
import { Problem } from "../../../functions/console/web/problem.js";
import { exampleFile } from "../../../functions/console/web/jobs/columns.js";
import { BLANK, blamed, options } from "../../../functions/console/web/jobs/options.js";
import { pause } from "../../../functions/console/web/jobs/pace.js";
import { MOST_ROWS, firstRows } from "../../../functions/console/web/jobs/refusals.js";
import { named } from "../../../functions/console/web/jobs/results.js";
import { isLapsed, isMoving } from "../../../functions/console/web/jobs/standing.js";

test("a form that nobody touched asks for nothing", () => {
  assert.deepEqual(options(BLANK), {});
});

test("the fields of the form are the options of the API", () => {
  const fields = { format: "csv", compression: "gzip", carry: " a, b ,", ignore: "*", id: " key ", top_k: "3", threshold: "0.5", explain: true };
  assert.deepEqual(options(fields), { format: "csv", compression: "gzip", carry: ["a", "b"], ignore: "*", id: "key", parameters: { top_k: 3, threshold: 0.5 }, explain: {} });
  assert.deepEqual(options({ ...BLANK, ignore: "x,y" }), { ignore: ["x", "y"] });
});

test("a refusal is shown beside the control that it is about", () => {
  const of = (message, code = "file_refused") => blamed(new Problem("invalid", message, { status: 400, code }));
  assert.equal(of("Expected other columns than row - got ['row'] - in carry of options"), "carry");
  assert.equal(of("Expected an object - got 3 - in parameters of options"), "top_k");
  assert.equal(of("Expected only the options format - got 'x' - in options"), "options");
  assert.equal(of("Expected at most 2000 bytes of JSON - got 3000 - at `options`", "invalid_input"), "options");
  assert.equal(of("Expected a name that ends in .csv - got 'a.xls' - at `file`", "invalid_input"), "file");
  assert.equal(of("Expected a size from 1 to 5 bytes - got 6 - at `bytes`", "invalid_input"), "file");
  assert.equal(of("The model 'm' has no version '9' - version 1 is live", "unknown_version"), "version");
  assert.equal(of("Something else", "internal"), "");
});

test("a job is asked after soon, then ever less, and never less than four times a minute", () => {
  const pauses = Array.from({ length: 30 }, (_, looks) => pause(looks));
  assert.ok(pauses[0] < 1000);
  assert.ok(pauses.every((each, index) => index === 0 || each >= pauses[index - 1]));
  assert.equal(pauses.at(-1), 15000);
});

test("results are called after their file, and parts of several by their number", () => {
  const part = { name: "part-00003.csv.gz" };
  assert.equal(named("flowers.csv.zst", part, 1), "flowers.results.csv.gz");
  assert.equal(named("my.flowers.CSV", part, 2), "my.flowers.results.part-00003.csv.gz");
  assert.equal(named("plain", { name: "part-00000.jsonl" }, 1), "plain.results.jsonl");
});

test("of refused rows the first are shown, however large their file is", async (context) => {
  const lines = Array.from({ length: 5000 }, (_, row) => `${JSON.stringify({ row, error: "€".repeat(20) })}\n`);
  context.mock.method(globalThis, "fetch", async () => new Response(lines.join("")));
  const rows = await firstRows("https://results.example/errors", new AbortController().signal);
  assert.deepEqual(rows.map(({ row }) => row), Array.from({ length: MOST_ROWS }, (_, row) => row));
});

test("a few refused rows are all of them, the last one without a line end too", async (context) => {
  context.mock.method(globalThis, "fetch", async () => new Response('{"row":1}\n{"row":2}'));
  assert.deepEqual(await firstRows("https://results.example/errors"), [{ row: 1 }, { row: 2 }]);
  context.mock.method(globalThis, "fetch", async () => new Response("<Error/>", { status: 403 }));
  await assert.rejects(firstRows("https://results.example/errors"), /HTTP 403/);
});

test("a model's examples are a file of rows", async () => {
  const file = exampleFile("iris", [{ request: { instances: [{ a: 1 }, "x\ny"] } }, { request: { inputs: [] } }]);
  assert.equal(file.name, "iris-examples.jsonl");
  assert.equal(await file.text(), '{"a":1}\n"x\\ny"\n');
  assert.equal(exampleFile("iris", [{ request: {} }]), null);
});

test("a job whose file never came is not asked after for ever", () => {
  const created = (hours) => ({ state: "waiting", created_at: new Date(Date.now() - hours * 3_600_000).toISOString() });
  assert.deepEqual([created(0.5), created(2)].map(isMoving), [true, false]);
  assert.deepEqual([created(0.5), created(2)].map(isLapsed), [false, true]);
  assert.deepEqual(["running", "done", "failed", "cancelled"].map((state) => isMoving({ ...created(9), state })), [true, false, false, false]);
});
