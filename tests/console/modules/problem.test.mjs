import assert from "node:assert/strict";
import test from "node:test";
import { PAUSE, Problem, said, steps } from "../../../functions/console/web/problem.js";

const of = (status, data, headers = {}) => Problem.of(status, new Headers(headers), data);

test("each status is the kind of problem that somebody can do something about", () => {
  const kinds = { 400: "invalid", 403: "forbidden", 404: "missing", 409: "conflict", 412: "conflict", 413: "too_large", 415: "invalid", 429: "throttled", 500: "unavailable", 504: "unavailable" };
  for (const [status, kind] of Object.entries(kinds)) assert.equal(of(Number(status), {}).kind, kind);
});

test("a problem has the API's words and its place", () => {
  const problem = of(400, { error: "Expected a number from 0 to 30 - got -1 - at `instances[0].petal width`", code: "invalid_input" });
  assert.deepEqual([problem.code, problem.place], ["invalid_input", "instances[0].petal width"]);
  assert.equal(said(problem, "instances[0].petal width"), problem.message);
  assert.equal(said(problem, "instances[0].petal"), "");
  assert.equal(said(problem, "instances[0]"), problem.message);
  assert.equal(said(null, "instances[0]"), "");
  assert.deepEqual(steps("instances[0].steps[3].speed"), ["instances", 0, "steps", 3, "speed"]);
});

test("an answer that is no JSON of ours still says something", () => {
  assert.equal(of(502, "<html>").message, "HTTP 502");
  assert.equal(of(403, { message: "Forbidden" }).message, "Forbidden");
  assert.equal(of(400, { error: { nested: true } }).message, "HTTP 400");
});

test("what is throttled says for how long, in seconds, as a date, or by default", () => {
  assert.equal(of(429, {}, { "retry-after": "7" }).retryAfter, 7);
  assert.equal(of(429, {}).retryAfter, PAUSE);
  const soon = of(429, {}, { "retry-after": new Date(Date.now() + 20_000).toUTCString() }).retryAfter;
  assert.ok(soon > 15 && soon <= 20, `${soon}`);
  assert.equal(of(503, {}).retryAfter, null);
  assert.equal(of(400, {}, { "retry-after": "7" }).retryAfter, null);
});

test("whatever is thrown becomes a problem", () => {
  assert.equal(Problem.from(new TypeError("Failed to fetch")).kind, "network");
  const own = of(404, {});
  assert.equal(Problem.from(own), own);
});
