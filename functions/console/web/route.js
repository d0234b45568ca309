/** What the part of the address after the # asks for. */

/** The views that there are. */
const VIEWS = ["playground", "jobs", "models", "activity"];

/**
 * What a hash asks for: `{view, name, id, query, path}`. `id` is the model or the job that it names, else "";
 * `#/models/iris/try?version=2` is `{view: "playground", name: "try", id: "iris", query: {version: "2"}}`.
 */
export function parse(hash) {
  const [path, search = ""] = hash.replace(/^#?\/?/, "").split("?");
  const parts = path.split("/").filter(Boolean).map(decoded);
  const query = Object.fromEntries(new URLSearchParams(search));
  const [first = "", id = "", last = ""] = parts;
  const view = first === "models" && last === "try" ? "playground" : first === "" ? "playground" : first;
  const name = last || (id ? "one" : "all");
  return { view: VIEWS.includes(view) ? view : "missing", name, id, query, path: `/${path}` };
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
