// The calls by which an operator changes what serves; each names the state that it was meant for.

import { call } from "../api.js";

/** What the admin API takes for an action: its path and its body. */
export function request(action, name, { version, weight, why, generation }) {
  if (action === "retire") return { path: `admin/models/${name}/versions/${version}:retire`, json: { why } };
  const asked = { promote: { version }, canary: { version, weight }, shadow: { version }, rollback: {} }[action];
  return { path: `admin/models/${name}:${action}`, json: { ...asked, why, generation } };
}

/** Do it. Rejects with a Problem; that of a conflict has the `state` as it is. */
export async function change(action, name, asked) {
  const { path, json } = request(action, name, asked);
  return (await call("POST", path, { json, signed: true })).data;
}
