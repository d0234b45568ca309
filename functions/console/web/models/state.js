// What serves of a model, in words.

import { number, t } from "../text.js";

/** A field of a state: a version, a canary with its share, or nothing. */
export function worded(value) {
  if (value === null || value === undefined) return t("models.nothing");
  if (typeof value === "object") return t("models.trial", { version: String(value.version), share: share(value.weight) });
  return t("models.version", { n: String(value) });
}

/** A weight as per cent. */
export function share(weight) {
  return number(weight, { style: "percent", digits: 3 });
}

/** Whether a version has a report that can be shown. */
export function isReported(version) {
  return version.metric !== null || version.original_size !== null;
}

/** What a version is to its model: some of "live", "canary", "shadow", "previous", "retired". */
export function roles(version, state) {
  const found = [];
  if (state?.live === version.version) found.push("live");
  if (state?.canary?.version === version.version) found.push("canary");
  if (state?.shadow === version.version) found.push("shadow");
  if (state?.previous === version.version) found.push("previous");
  if (version.retired) found.push("retired");
  return found;
}
