// What the API answers of models.

import { call } from "../api.js";

/** What a path answers. */
export async function read(path, signal) {
  return (await call("GET", path, { signal })).data;
}

/**
 * Every model that can be called: those of the registry, and those that are baked into the function.
 *
 * @returns {Promise<object[]>} by name; one that is only baked in has `baked: true` and no versions.
 */
export async function listModels({ signal } = {}) {
  const [served, kept] = await Promise.all([
    call("GET", "v1/models", { signal }),
    call("GET", "console/api/models", { signal }),
  ]);
  const known = new Map(kept.data.models.map((model) => [model.name, model]));
  const baked = served.data.models.filter((name) => !known.has(name)).map((name) => ({ name, baked: true, versions: 0 }));
  return [...known.values(), ...baked].sort((one, other) => one.name.localeCompare(other.name));
}
