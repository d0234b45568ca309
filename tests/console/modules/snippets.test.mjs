import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import test from "node:test";
import { isLarge, pythonLiteral, shell, snippets } from "../../../functions/console/web/playground/snippets.js";

const NASTY = ["it's", '"$(id)` \\', "a\nb\tc", "–中文🙂", "'; rm -rf ~; '", "", "\u2028", "{{n}} %s"];

test("a text is one word of a shell, whatever is in it", () => {
  for (const text of NASTY) assert.equal(execFileSync("sh", ["-c", `printf %s ${shell(text)}`]).toString(), text);
});

test("values are written as Python has them, and wrapped where they are long", () => {
  assert.equal(pythonLiteral({ a: [1, 2.5, null, true, false], b: "x" }), '{"a": [1, 2.5, None, True, False], "b": "x"}');
  const long = pythonLiteral({ instances: [Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`feature_${index}`, index]))] });
  assert.match(long, /^\{\n {4}"instances": \[\n {8}\{\n {12}"feature_0": 0,\n/);
});

test("a picture is read from a file, and so is what would not fit a terminal", () => {
  const picture = { instances: [{ image: { b64: "A".repeat(9000) } }] };
  const large = { instances: [{ text: "a".repeat(9000) }] };
  assert.deepEqual([isLarge(picture), isLarge(large), isLarge({ instances: ["a"] })], [false, true, false]);
  for (const code of Object.values(snippets({ url: "https://a/b", json: picture, auth: "key" }))) assert.match(code, /picture\.png/);
  for (const code of Object.values(snippets({ url: "https://a/b", json: large, auth: "key" }))) assert.match(code, /request\.json/);
});

test("a stage that wants signatures gets signed requests, with the key only where it wants both", () => {
  for (const [auth, hasKey] of [["iam", false], ["both", true]]) {
    const { curl, python, javascript } = snippets({ url: "https://a/b", json: { instances: [1] }, auth, region: "eu-west-1" });
    assert.match(curl, /--aws-sigv4 'aws:amz:eu-west-1:execute-api'/);
    assert.match(python, /SigV4Auth\(.*"execute-api", "eu-west-1"\)/);
    assert.match(javascript, /region: "eu-west-1"/);
    for (const code of [curl, python, javascript]) assert.equal(code.includes("ORTLESS_KEY"), hasKey);
  }
});
