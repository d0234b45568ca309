import assert from "node:assert/strict";
import test from "node:test";
import { parse } from "../../../functions/console/web/route.js";

test("a hash says which view, of what", () => {
  const expected = {
    "": { view: "playground", name: "all", id: "" },
    "#/": { view: "playground", name: "all", id: "" },
    "#/models/iris%20svm/try": { view: "playground", name: "try", id: "iris svm" },
    "#/jobs": { view: "jobs", name: "all", id: "" },
    "#/jobs/abc": { view: "jobs", name: "one", id: "abc" },
    "#/models/iris": { view: "models", name: "one", id: "iris" },
    "#/activity": { view: "activity", name: "all", id: "" },
    "#/constructor": { view: "missing", name: "all", id: "" },
    "#/jobs/%E0%A4%A": { view: "jobs", name: "one", id: "%E0%A4%A" },
  };
  for (const [hash, route] of Object.entries(expected)) {
    const { view, name, id } = parse(hash);
    assert.deepEqual({ view, name, id }, route, hash);
  }
  assert.deepEqual(parse("#/models/iris/try?version=2").query, { version: "2" });
});
