/** Calls of the service that served the page. */
import { Problem } from "./problem.js";
import { credentials, key, root, settings } from "./session.js";
import { bytes, t } from "./text.js";

/** The gateway gives up after 29 s; what takes longer is not coming. */
const PATIENCE_MS = 40_000;

/**
 * Call the service.
 *
 * @param {string} method
 * @param {string} path relative to the service's root: `v1/models`
 * @param {{json?: any, body?: any, headers?: object, signed?: boolean, signal?: AbortSignal}} options
 *   `json` is sent as JSON, `body` as it is; `signed`: with the session's AWS credentials (signed anyway where the
 *   stage wants it); `signal` aborts it, and then the AbortError is thrown as it comes.
 * @returns {Promise<{status: number, headers: Headers, data: any, ms: number}>} `data`: parsed JSON, else text;
 *   `ms` from here to here.
 * @throws {Problem} for every answer that is no success, and where none came.
 */
export async function call(method, path, { json, body, headers = {}, signed = false, signal } = {}) {
  const content = json === undefined ? body : JSON.stringify(json);
  const sent = new Headers(headers);
  if (json !== undefined) sent.set("content-type", "application/json");
  if (key()) sent.set("x-api-key", key());
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const ends = signal ? AbortSignal.any([signal, patience]) : patience;
  const begun = performance.now();
  let response, text;
  try {
    const request = { method, headers: sent, body: content, cache: "no-store" };
    const address = new URL(path, root).href;
    const headed = wantsSignature(signed) ? await signatures(address, request) : sent;
    response = await fetch(address, { ...request, headers: headed, signal: ends });
    text = await response.text();
  } catch (fault) {
    if (signal?.aborted || fault instanceof Problem) throw fault;
    throw unanswered(fault, patience.aborted, size(content));
  }
  const ms = performance.now() - begun;
  const data = parsed(text, response.headers.get("content-type") ?? "");
  if (!response.ok) throw Problem.of(response.status, response.headers, data);
  return { status: response.status, headers: response.headers, data, ms };
}

/** What a call without an answer means: a gateway may hang up on what is far too large, instead of saying so. */
function unanswered(fault, isLate, sent) {
  const limit = settings.max_body_bytes;
  if (!isLate && limit && sent > limit) return new Problem("too_large", t("shell.problem.size", { size: bytes(sent), limit: bytes(limit) }));
  return new Problem("network", String(fault?.message ?? fault), { code: isLate ? "timeout" : "network" });
}

function size(content) {
  return typeof content === "string" ? new Blob([content]).size : (content?.size ?? content?.byteLength ?? 0);
}

const wantsSignature = (signed) => signed || settings.auth === "iam" || settings.auth === "both";

/** The headers of a request with its AWS Signature Version 4, made in this browser. */
async function signatures(url, { method, headers, body }) {
  if (!credentials()) throw new Problem("forbidden", "This needs AWS credentials", { code: "no_credentials" });
  const { AwsV4Signer } = await import("./vendor/aws4fetch.js"); // only operators need it
  const signer = new AwsV4Signer({ url, method, headers, body, region: settings.region, ...credentials(), service: "execute-api" });
  return (await signer.sign()).headers;
}

function parsed(text, type) {
  if (!type.includes("json") && !/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
