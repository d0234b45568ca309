// What came of a job: addresses that hold for a while, and of a long list as many as somebody wants.

import { call } from "../api.js";
import { Problem } from "../problem.js";
import { html, useEffect, useState } from "../ui.js";
import { bytes, t, when } from "../text.js";
import { Icon } from "../parts/icon.js";
import { Failure } from "../parts/states.js";
import { count } from "./sums.js";

export function Results({ job }) {
  const [{ more, next, problem }, setFound] = useState({ more: [], next: job.next_part });
  useEffect(() => setFound({ more: [], next: job.next_part }), [job.expires_at]);
  const load = async () => {
    try {
      const { data } = await call("GET", `v1/jobs/${job.id}?first_part=${next}`);
      setFound({ more: [...more, ...data.results], next: data.next_part });
    } catch (fault) {
      setFound({ more, next, problem: Problem.from(fault) });
    }
  };
  const parts = [...job.results, ...more];
  return html`
    <section class="card" aria-labelledby="job-results">
      <h2 id="job-results">${t("jobs.results")}</h2>
      <ul class="files">
        ${parts.map((part) => html`
          <li key=${part.name}>
            <a class="file" href=${part.url} download=${named(job.file, part, parts.length)} rel="noopener">
              <${Icon} name="download" /><span>${named(job.file, part, parts.length)}</span>
            </a>
            <span class="soft">${t("jobs.part", { n: part.rows, size: bytes(part.bytes) })}</span>
          </li>
        `)}
      </ul>
      ${problem && html`<${Failure} problem=${problem} jobs="" />`}
      ${next !== null && next !== undefined && html`<div class="actions"><button type="button" class="quiet" onClick=${load}>${t("jobs.moreParts")}</button></div>`}
      <p class="soft">${t("jobs.holds", { until: when(job.expires_at, { timeStyle: "short" }) })}</p>
    </section>
  `;
}

/** What a part is called on the reader's disk: flowers.results.csv, or flowers.results.part-00003.csv of several. */
export function named(file, part, parts) {
  const stem = file.replace(/(\.(jsonl|csv|parquet|npy|zip))?(\.(gz|zst))?$/i, "");
  const dot = part.name.indexOf(".");
  const [number, ending] = [part.name.slice(0, dot), part.name.slice(dot)];
  return `${stem}.results${parts > 1 ? `.${number}` : ""}${ending}`;
}
