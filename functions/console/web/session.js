/** Who uses the page, and what the service said of itself: settings, the API key, AWS credentials. */
import { topic } from "./ui.js";

/** What the page was served with: `{stage, region, auth, version, architecture, memory_mb, own_memory_mb, prices, ...}`. */
export const settings = read();

/** The service's root, with a slash at its end: what `v1/models` is relative to. */
export const root = globalThis.document ? new URL("../", document.baseURI).href : "";

const changes = topic();
const wishes = topic();
const STORED = `ortless ${root} key`;
const state = { key: stored(), credentials: null };

/** Tell a listener of every change of the key or of the credentials; returns what ends it. */
export const subscribe = changes.subscribe;

/** Tell a listener when somebody is to be asked for a "key" or for "credentials". */
export const subscribeWishes = wishes.subscribe;

/** The API key, or "". */
export const key = () => state.key;

/** `{accessKeyId, secretAccessKey, region?, sessionToken?}` of this page's lifetime, or null. They are never stored. */
export const credentials = () => state.credentials;

/** Whether the key outlives the page. */
export const isRemembered = () => storage("getItem", STORED) !== null;

/** Use a key; `remember` keeps it in this browser, else it is forgotten with the page. */
export function setKey(value, { remember = false } = {}) {
  state.key = value.trim();
  if (remember && state.key) storage("setItem", STORED, state.key);
  else storage("removeItem", STORED);
  changes.publish();
}

/** Use AWS credentials, or none (null), until the page is closed. */
export function setCredentials(value) {
  state.credentials = value;
  changes.publish();
}

/** Ask whoever sits there, in the page's dialog, for a "key" or for "credentials". */
export const ask = (what) => wishes.publish(what);

/** What calls lack as the stage wants them: "key", "credentials", or "" if nothing. */
export function lacks() {
  if (settings.auth === "iam" || settings.auth === "both") {
    if (!state.credentials) return "credentials";
  }
  return settings.auth !== "iam" && !state.key ? "key" : "";
}

function read() {
  const block = globalThis.document?.getElementById("settings");
  try {
    return JSON.parse(block?.textContent || "{}");
  } catch {
    return {};
  }
}

function stored() {
  return storage("getItem", STORED) ?? "";
}

/** A browser may have no storage, or refuse it: then nothing is remembered. */
function storage(action, ...values) {
  try {
    return globalThis.localStorage?.[action](...values) ?? null;
  } catch {
    return null;
  }
}
