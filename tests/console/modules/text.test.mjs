import assert from "node:assert/strict";
import test from "node:test";
import { bytes, dollars, duration, number, percent, setLanguage, t, texts, when } from "../../../functions/console/web/text.js";

await texts("shell");

test("texts take values, choose plural forms, and follow the language", async () => {
  await setLanguage("en");
  assert.equal(t("shell.problem.wait", { n: 1 }), "Try again in 1 second.");
  assert.equal(t("shell.problem.wait", { n: 3 }), "Try again in 3 seconds.");
  assert.equal(t("shell.nowhere", { path: "<b>{n}</b>" }), "There is no page <b>{n}</b>");
  assert.equal(t("shell.no such"), "shell.no such");
  await setLanguage("zh");
  assert.equal(t("shell.problem.wait", { n: 3 }), "请在 3 秒后重试。");
  await setLanguage("en");
});

test("numbers are written to be read", () => {
  assert.equal(number(1234567.891), "1,234,570");
  assert.equal(number(NaN), "–");
  assert.equal(number(null), "–");
  assert.equal(percent(0.9664), "96.6%");
  assert.equal(percent(0.00001), "< 0.1%");
  assert.equal(percent(0.99999), "> 99.9%");
  assert.equal(percent(1), "100%");
  assert.equal(percent(0), "0%");
  assert.equal(percent(null), "–");
  assert.equal(bytes(7130), "7.13 kB");
  assert.equal(dollars(0.0000057), "$0.0000057");
  assert.equal(duration(86.1), "86.1 ms");
  assert.equal(duration(3400), "3.4 sec");
  assert.equal(when("nonsense"), "–");
});
