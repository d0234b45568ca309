// Asks before a job is ended: there will be no results.

import { call } from "../api.js";
import { Problem } from "../problem.js";
import { html, useState } from "../ui.js";
import { t } from "../text.js";
import { Dialog } from "../parts/dialog.js";
import { Failure } from "../parts/states.js";
import { forget, stop } from "./uploads.js";

export function Cancel({ job, onClose, onDone }) {
  const [problem, setProblem] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const cancel = async () => {
    setBusy(true);
    setProblem(null);
    try {
      stop(job.id);
      await call("DELETE", `v1/jobs/${job.id}`);
      forget(job.id);
      onClose();
    } catch (fault) {
      setProblem(Problem.from(fault));
      setBusy(false);
    }
    onDone();
  };
  const actions = html`
    <button type="button" class="quiet" onClick=${onClose}>${t("jobs.keep")}</button>
    <button type="button" class="main is-danger" disabled=${isBusy} onClick=${cancel}>${t("jobs.cancelReally")}</button>
  `;
  return html`
    <${Dialog} title=${t("jobs.cancelTitle")} onClose=${onClose} actions=${actions}>
      <p>${t("jobs.cancelWhat", { file: job.file })}</p>
      ${job.progress.rows_done > 0 && html`<p>${t("jobs.cancelLoses", { n: job.progress.rows_done })}</p>`}
      ${problem && html`<${Failure} problem=${problem} jobs="" />`}
    <//>
  `;
}
