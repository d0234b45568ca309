// Uploads of this page: they go on while the reader looks at other views, and leave a note for the page after a reload.

import { Problem } from "../problem.js";
import { topic } from "../ui.js";

export const SENDING = "sending";
export const SENT = "sent";
export const FAILED = "failed";
export const STOPPED = "stopped";

const PREFIX = "ortless.upload.";
const uploads = new Map();
const changes = topic();

/** What is known of a job's upload here: {state, loaded, total, began, problem}; undefined where this page sends none. */
export function uploadOf(job) {
  return uploads.get(job);
}

/** Be told of every change; returns how to be told no more. */
export const subscribe = changes.subscribe;

/** What an earlier life of this tab noted of a job's upload: {state, order}; null where it sent none. */
export function noteOf(job) {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + job));
  } catch {
    return null;
  }
}

/** The job is over, or given up. */
export function forget(job) {
  uploads.delete(job);
  try {
    sessionStorage.removeItem(PREFIX + job);
  } catch {
    return; // a browser that keeps nothing has kept no note
  }
}

/**
 * Send a file by the form of a ticket.
 * @param ticket what placing the order answered.
 * @param order what was chosen, so that it can be chosen again: {model, version, options}.
 */
export function begin(ticket, order, file) {
  const job = ticket.id;
  const request = new XMLHttpRequest();
  note(job, SENDING, order);
  change(job, { state: SENDING, loaded: 0, total: file.size, began: Date.now(), request });
  request.upload.onprogress = (event) => change(job, { loaded: Math.min(event.loaded, file.size) });
  request.onload = () => {
    const taken = request.status >= 200 && request.status < 300;
    if (taken) note(job, SENT, order);
    change(job, taken ? { state: SENT, loaded: file.size } : { state: FAILED, problem: refusal(request) });
  };
  request.onerror = () => change(job, { state: FAILED, problem: new Problem("network", "", { code: "network" }) });
  request.onabort = () => change(job, { state: STOPPED });
  request.open("POST", ticket.upload.url);
  request.send(form(ticket.upload.fields, file));
}

/** Stop sending. */
export function stop(job) {
  uploads.get(job)?.request?.abort();
}

function form(fields, file) {
  const filled = new FormData();
  for (const [name, value] of Object.entries(fields)) filled.append(name, value);
  filled.append("file", file); // S3 reads nothing that comes after it
  return filled;
}

function refusal(request) {
  const answer = new DOMParser().parseFromString(request.responseText, "application/xml");
  const said = (name) => answer.querySelector(name)?.textContent ?? "";
  const message = said("Message") || `HTTP ${request.status}`;
  return new Problem("invalid", message, { status: request.status, code: said("Code") || "upload_refused" });
}

function note(job, state, order) {
  try {
    sessionStorage.setItem(PREFIX + job, JSON.stringify({ state, order }));
  } catch {
    return; // private windows may keep nothing: a reload then knows less
  }
}

function change(job, what) {
  uploads.set(job, { ...uploads.get(job), ...what });
  changes.publish(job);
}

window.addEventListener("beforeunload", (event) => {
  if ([...uploads.values()].some((upload) => upload.state === SENDING)) event.preventDefault();
});
