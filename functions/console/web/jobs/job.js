// One job: its upload, how far it is, what came of it.

import { html, useChanges, useState } from "../ui.js";
import { t, when } from "../text.js";
import { Icon } from "../parts/icon.js";
import { Busy, Failure } from "../parts/states.js";
import { Cancel } from "./cancel.js";
import { useJob } from "./following.js";
import { Progress } from "./progress.js";
import { Refusals } from "./refused.js";
import { Results } from "./results.js";
import { OVER } from "./standing.js";
import { State } from "./state.js";
import { Sums } from "./sums.js";
import { Upload } from "./upload.js";
import { noteOf, subscribe, uploadOf } from "./uploads.js";

export function Job({ id }) {
  useChanges(subscribe);
  const upload = uploadOf(id);
  const { job, problem, refresh } = useJob(id, upload?.state);
  return html`
    <div class="job">
      <p class="way"><a href="#/jobs"><${Icon} name="back" size=${15} />${t("jobs.title")}</a></p>
      ${!job && html`<h1 class="offscreen">${t("jobs.identity")} ${id}</h1>`}
      ${problem && html`<${Failure} problem=${problem} retry=${refresh} jobs="" />`}
      ${!job && !problem && html`<${Busy} />`}
      ${job && html`<${Found} job=${job} upload=${upload} refresh=${refresh} />`}
    </div>
  `;
}

function Found({ job, upload, refresh }) {
  const [isCancelling, setCancelling] = useState(false);
  const isOver = OVER.includes(job.state);
  return html`
    <header class="view-head">
      <div>
        <h1>${job.file}</h1>
        <p class="job-facts">
          <${State} state=${job.state} />
          <a href=${`#/models/${encodeURIComponent(job.model)}`}>${job.model}${job.version ? `@${job.version}` : ""}</a>
          <span><time datetime=${job.created_at}>${when(job.created_at)}</time></span>
        </p>
      </div>
      ${!isOver && html`<button type="button" class="quiet" onClick=${() => setCancelling(true)}>${t("jobs.cancel")}</button>`}
    </header>
    <div role="status" class="offscreen">${t(`jobs.state.${job.state}`)}</div>
    ${job.state === "waiting" && html`<${Upload} job=${job} upload=${upload} note=${noteOf(job.id)} />`}
    ${job.error && html`
      <div class="failure" role="alert">
        <${Icon} name="alert" />
        <div><p class="failure-title">${t("jobs.failed")}</p><p class="failure-words"><span>${job.error.error}</span> <code>${job.error.code}</code></p></div>
      </div>
    `}
    ${job.state === "running" && html`<${Progress} job=${job} />`}
    <${Sums} job=${job} />
    ${job.results.length > 0 && html`<${Results} job=${job} />`}
    ${job.refusals.length > 0 && html`<${Refusals} job=${job} />`}
    <p class="soft job-id">${t("jobs.identity")} <code>${job.id}</code></p>
    ${isCancelling && html`<${Cancel} job=${job} onClose=${() => setCancelling(false)} onDone=${refresh} />`}
  `;
}
