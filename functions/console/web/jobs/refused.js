// Rows without an answer: how many, the first of them with their reasons, and all of them to download.

import { html, useEffect, useState } from "../ui.js";
import { bytes, t } from "../text.js";
import { Icon } from "../parts/icon.js";
import { Busy } from "../parts/states.js";
import { firstRows } from "./refusals.js";
import { count } from "./sums.js";

export function Refusals({ job }) {
  const { rows, isUnread } = useRows(job.refusals[0]);
  const total = job.counts?.errors ?? 0;
  const stem = job.file.split(".")[0];
  return html`
    <section class="card" aria-labelledby="job-refusals">
      <h2 id="job-refusals">${t("jobs.refusals", { n: total })}</h2>
      ${!rows && !isUnread && html`<${Busy} />`}
      ${isUnread && html`<p>${t("jobs.refusalsUnread")}</p>`}
      ${rows && html`<${Table} rows=${rows} />`}
      ${rows && total > rows.length && html`<p class="soft">${t("jobs.refusalsFirst", { n: rows.length })}</p>`}
      <ul class="files">
        ${job.refusals.map((part, index) => html`
          <li key=${part.name}>
            <a class="file" href=${part.url} rel="noopener" download=${`${stem}.errors${job.refusals.length > 1 ? `.${index}` : ""}.jsonl`}>
              <${Icon} name="download" /><span>${part.name}</span>
            </a>
            <span class="soft">${t("jobs.part", { n: part.rows, size: bytes(part.bytes) })}</span>
          </li>
        `)}
      </ul>
    </section>
  `;
}

/** The first rows of a file; read once, whatever address it has. */
function useRows(part) {
  const [found, setFound] = useState({ rows: null, isUnread: false });
  useEffect(() => {
    const end = new AbortController();
    firstRows(part.url, end.signal).then(
      (rows) => setFound({ rows, isUnread: false }),
      () => end.signal.aborted || setFound({ rows: null, isUnread: true }),
    );
    return () => end.abort();
  }, [part.sha256]);
  return found;
}

function Table({ rows }) {
  const hasIds = rows.some((row) => row.id !== null && row.id !== undefined);
  return html`
    <div class="scrolls refusals-box" tabindex="0" role="group" aria-labelledby="job-refusals">
      <table class="refusals">
        <thead>
          <tr>
            <th scope="col" class="number">${t("jobs.line")}</th>
            ${hasIds && html`<th scope="col">${t("jobs.rowId")}</th>`}
            <th scope="col">${t("jobs.reason")}</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map((row) => html`
            <tr key=${row.row}>
              <th scope="row" class="number">${row.line === null || row.line === undefined ? count(row.row) : count(row.line)}</th>
              ${hasIds && html`<td>${String(row.id ?? "–")}</td>`}
              <td class="long">${String(row.error)} <code>${String(row.code)}</code></td>
            </tr>
          `)}
        </tbody>
      </table>
    </div>
  `;
}
