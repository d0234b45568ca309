/** From an instance to the request that asks the model about it, and from an answer's headers to what they say. */
import { formOf } from "./instances.js";

/** Where instances stand in a request of one: the place that the API's errors name. */
export const AT = "instances[0]";

/**
 * `{path, json}` of a request.
 * @param {"predict"|"explain"} lane
 * @param {object} parameters of the prediction, as `{top_k: 3}`
 */
export function requestOf(model, { version, lane = "predict", instance, parameters = {} }) {
  const place = `models/${encodeURIComponent(model.name)}${version ? `/versions/${encodeURIComponent(version)}` : ""}`;
  if (formOf(model) === "tensors") return { path: `v2/${place}/infer`, json: instance };
  const json = { instances: [instance] };
  if (Object.keys(parameters).length) json.parameters = parameters;
  return { path: `v1/${place}:${lane}`, json };
}

/**
 * What the headers of a prediction tell: `{model, version, variant, cache, functionMs, cold, request}`;
 * what a header does not say is "" or null.
 */
export function told(headers) {
  const [model = "", version = ""] = (headers.get("x-ortless-model") ?? "").split("@");
  const timing = timings(headers.get("server-timing") ?? "");
  return {
    model,
    version,
    variant: headers.get("x-ortless-variant") ?? "",
    cache: headers.get("x-cache") ?? "",
    functionMs: timing.total ?? null,
    cold: "cold" in timing,
    request: headers.get("x-amzn-requestid") ?? "",
  };
}

/**
 * US dollars of one request: the memory of the model's function for as long as it ran, its invocation and the gateway's
 * request. Null where the prices or the time are not known.
 */
export function cost({ prices, memory_mb: shared, own_memory_mb: own }, functionMs, model) {
  const memory = own?.[model] ?? shared;
  if (!prices || typeof memory !== "number" || typeof functionMs !== "number") return null;
  const seconds = Math.ceil(functionMs) / 1000;
  return (memory / 1024) * seconds * prices.gb_second + (prices.invocation ?? 0) + (prices.gateway_request ?? 0);
}

/** `total;dur=12.5, cold;dur=310` -> `{total: 12.5, cold: 310}`. */
export function timings(header) {
  const entries = header.split(",").map((part) => {
    const [name, ...rest] = part.split(";").map((piece) => piece.trim());
    const length = rest.map((piece) => /^dur=([\d.]+)$/.exec(piece)?.[1]).find(Boolean);
    return [name, length === undefined ? null : Number(length)];
  });
  return Object.fromEntries(entries.filter(([name]) => name));
}
