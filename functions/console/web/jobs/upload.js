// A job that waits for its file: on its way from here, arrived, broken off, or sent from elsewhere.

import { html, useEffect, useState } from "../ui.js";
import { bytes, duration, number, t } from "../text.js";
import { Icon } from "../parts/icon.js";
import { Busy, Failure } from "../parts/states.js";
import { again } from "./order.js";
import { isLapsed } from "./standing.js";
import { FAILED, SENDING, SENT, STOPPED, forget, stop } from "./uploads.js";

/** Milliseconds after which a file that has arrived should have been taken up. */
const LONG_MS = 60_000;
/** After so long the speed of an upload says when it ends. */
const SETTLED_MS = 2000;
const SECOND_MS = 1000;

/**
 * @param upload what this page sends; undefined where it sends nothing.
 * @param note what this tab sent before it was loaded anew; null if nothing.
 */
export function Upload({ job, upload, note }) {
  const state = upload?.state ?? (note?.state === SENT ? SENT : note ? "interrupted" : "elsewhere");
  const order = note?.order ?? { model: job.model, version: job.version ?? "" };
  if (state === SENDING) return html`<${Sending} job=${job} upload=${upload} />`;
  if (state === SENT) return html`<${Arrived} job=${job} />`;
  if (state === FAILED) return html`<${Failure} problem=${upload.problem} jobs=""><${Again} job=${job} order=${order} /><//>`;
  const kind = state === STOPPED ? "stopped" : isLapsed(job) ? "lapsed" : state;
  return html`
    <section class="card notice">
      <h2>${t(`jobs.upload.${kind}`)}</h2>
      <p>${t(`jobs.upload.${kind}More`, { name: job.file })}</p>
      <${Again} job=${job} order=${order} />
    </section>
  `;
}

function Again({ job, order }) {
  const begin = () => {
    forget(job.id);
    again(order);
  };
  return html`<div class="actions"><a class="button" href="#/jobs" onClick=${begin}><${Icon} name="retry" size=${15} />${t("jobs.upload.again")}</a></div>`;
}

function Sending({ job, upload }) {
  const { loaded, total, began } = upload;
  const spent = Date.now() - began;
  const left = loaded > 0 && spent > SETTLED_MS ? (spent / loaded) * (total - loaded) : 0;
  const label = t("jobs.upload.sending");
  return html`
    <section class="card">
      <div class="meter-head"><h2>${label}</h2><span>${number(total ? loaded / total : 0, { style: "percent", digits: 3 })}</span></div>
      <progress max=${total || 1} value=${loaded} aria-label=${label}></progress>
      <p class="meter-foot">
        <span>${t("jobs.upload.of", { loaded: bytes(loaded), total: bytes(total) })}</span>
        ${left >= SECOND_MS && html`<span>${t("jobs.upload.left", { time: duration(Math.round(left / SECOND_MS) * SECOND_MS) })}</span>`}
      </p>
      <p class="soft">${t("jobs.upload.stay")}</p>
      <div class="actions"><button type="button" class="quiet" onClick=${() => stop(job.id)}>${t("jobs.upload.stop")}</button></div>
    </section>
  `;
}

function Arrived({ job }) {
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), LONG_MS);
    return () => clearTimeout(timer);
  }, [job.id]);
  return html`
    <section class="card notice">
      <${Busy} label=${t("jobs.upload.sent")} />
      <p class="soft">${t(isLong ? "jobs.upload.long" : "jobs.upload.leave")}</p>
    </section>
  `;
}
