// What the rows of a file are for a model, in a line.

import { t } from "../text.js";

const MOST_NAMES = 8;

/** What a row is for a model, from its metadata. */
export function rowsOf(model) {
  const kind = model?.preprocess?.kind;
  const features = (model?.preprocess?.features ?? []).map((feature) => feature.name);
  if (kind === "image") return t("jobs.row.image");
  if (kind === "text") return t("jobs.row.text");
  if (features.length) {
    const names = features.slice(0, MOST_NAMES).join(", ") + (features.length > MOST_NAMES ? ", …" : "");
    return t(kind === "tabular" ? "jobs.row.columns" : "jobs.row.steps", { names });
  }
  return t("jobs.row.any");
}

/** A file of a model's examples, as JSON Lines; null where there are none. */
export function exampleFile(name, examples) {
  const instances = examples.flatMap((example) => example.request?.instances ?? []);
  if (instances.length === 0) return null;
  const lines = instances.map((instance) => `${JSON.stringify(instance)}\n`);
  return new File(lines, `${name}-examples.jsonl`, { type: "application/jsonl" });
}
