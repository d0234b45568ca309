// What is wanted of a job's results: the fields of the form, and the options that the API takes.

/** The form before anybody has touched it. */
export const BLANK = { format: "", compression: "", carry: "", ignore: "", id: "", top_k: "", threshold: "", explain: false };

/** The options that fields of the form say; what is blank is left out. */
export function options(fields) {
  const wanted = {};
  if (fields.format) wanted.format = fields.format;
  if (fields.compression) wanted.compression = fields.compression;
  if (names(fields.carry).length) wanted.carry = names(fields.carry);
  if (fields.ignore.trim() === "*") wanted.ignore = "*";
  else if (names(fields.ignore).length) wanted.ignore = names(fields.ignore);
  if (fields.id.trim()) wanted.id = fields.id.trim();
  const parameters = {};
  if (fields.top_k !== "") parameters.top_k = Number(fields.top_k);
  if (fields.threshold !== "") parameters.threshold = Number(fields.threshold);
  if (Object.keys(parameters).length) wanted.parameters = parameters;
  if (fields.explain) wanted.explain = {};
  return wanted;
}

/** Which control a refusal of the API is about: its name, or "" where it is about none. */
export function blamed(problem) {
  if (problem.code === "unknown_version") return "version";
  if (problem.code === "unknown_model") return "model";
  const [place] = problem.place.split(/[.[]/);
  if (place === "file" || place === "bytes") return "file";
  if (place === "version") return "version";
  const option = / in (\w+) of options$/.exec(problem.message)?.[1] ?? / in options$/.exec(problem.message)?.[0];
  if (option === "parameters") return "top_k";
  return option in BLANK ? option : place === "options" || option ? "options" : "";
}

function names(text) {
  return text.split(",").map((name) => name.trim()).filter(Boolean);
}
