/** Everything that can go wrong with a call, in one shape. */

const KINDS = { 401: "forbidden", 403: "forbidden", 404: "missing", 409: "conflict", 412: "conflict", 413: "too_large", 429: "throttled" };
const PLACE = /\bat `([^`]+)`\s*$/;

/** Seconds to wait where a refusal does not say how long. */
export const PAUSE = 5;

/**
 * `kind`: network | forbidden | too_large | throttled | invalid | missing | conflict | unavailable, and broken: our own fault.
 * `message` and `code` are the API's own words; `place` is what they name, as `instances[0].age`, or "".
 * `retryAfter`: seconds, of what is throttled or unavailable; else null. `state`: how things are, where a conflict says so.
 */
export class Problem extends Error {
  constructor(kind, message, { status = 0, code = "", retryAfter = null, request = "", state = null } = {}) {
    super(message);
    Object.assign(this, { name: "Problem", kind, status, code, retryAfter, request, state, place: place(message) });
  }

  /** Of an answer that is no success: `data` is what its body held. */
  static of(status, headers, data) {
    const kind = KINDS[status] ?? (status >= 500 ? "unavailable" : "invalid");
    const said = data && typeof data === "object" ? data : {};
    const message = text(said.error) || text(said.message) || `HTTP ${status}`;
    const retryAfter = kind === "throttled" || kind === "unavailable" ? pause(headers?.get("retry-after"), kind) : null;
    return new Problem(kind, message, { status, code: text(said.code), retryAfter, request: headers?.get("x-amzn-requestid") ?? "", state: said.state ?? null });
  }

  /** Of whatever was thrown. */
  static from(thrown) {
    return thrown instanceof Problem ? thrown : new Problem("network", String(thrown?.message ?? thrown), { code: thrown?.name ?? "" });
  }
}

/** The place that a message of the API names at its end, or "". */
export function place(message) {
  return PLACE.exec(message)?.[1] ?? "";
}

/**
 * A place taken apart: `instances[0].steps[3].speed` -> ["instances", 0, "steps", 3, "speed"].
 * Names may hold spaces and dashes, but no dots and brackets.
 */
export function steps(path) {
  return Array.from(path.matchAll(/([^.[\]]+)|\[(\d+)\]/g), ([, name, index]) => (index === undefined ? name : Number(index)));
}

/**
 * The message of a problem if it is about the control at `path`, or inside of it; else "".
 * A control passes its place, `instances[0].age`; a table that shows whole rows gets what its cells have to say, too.
 */
export function said(problem, path) {
  if (!problem?.place) return "";
  const inside = problem.place === path || problem.place.startsWith(`${path}.`) || problem.place.startsWith(`${path}[`);
  return inside ? problem.message : "";
}

function text(value) {
  return typeof value === "string" ? value : "";
}

function pause(header, kind) {
  if (!header) return kind === "throttled" ? PAUSE : null;
  const seconds = /^\d+$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - Date.now()) / 1000);
  return Number.isFinite(seconds) ? Math.max(1, seconds) : PAUSE;
}
