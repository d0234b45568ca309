// The caller's jobs, the newest first; while one is under way, the list follows it.

import { call } from "../api.js";
import { Problem } from "../problem.js";
import { html, useEffect, useState } from "../ui.js";
import { t, when } from "../text.js";
import { Busy, Empty, Failure } from "../parts/states.js";
import { pause, rested } from "./pace.js";
import { isMoving } from "./standing.js";
import { State } from "./state.js";

const PAGE = 20;
/** The list asks for states only: it need not be as quick as a job's own page. */
const SLOWER = 4;

export function List() {
  const [{ jobs, next, problem }, setFound] = useState({ jobs: null, next: null, problem: null });
  const [isLonger, setLonger] = useState(false);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const end = new AbortController();
    const show = (change) => setFound((before) => ({ ...before, ...change(before) }));
    watch(show, end.signal).catch(() => {}); // it ends with the view
    return () => end.abort();
  }, [turn]);
  const more = async () => {
    setLonger(true);
    try {
      const page = await pageOf(next);
      setFound({ jobs: [...jobs, ...page.jobs], next: page.next, problem: null });
    } catch (fault) {
      setFound({ jobs, next, problem: Problem.from(fault) });
    }
    setLonger(false);
  };
  return html`
    <section class="jobs-list" aria-labelledby="jobs-list">
      <h2 id="jobs-list">${t("jobs.yours")}</h2>
      ${problem && html`<${Failure} problem=${problem} retry=${() => setTurn(turn + 1)} jobs="" />`}
      ${!jobs && !problem && html`<${Busy} />`}
      ${jobs?.length === 0 && html`<${Empty} icon="jobs" title=${t("jobs.none")} text=${t("jobs.noneMore")} />`}
      ${jobs?.length > 0 && html`<${Table} jobs=${jobs} />`}
      ${next && html`<div class="actions"><button type="button" class="quiet" onClick=${more} disabled=${isLonger}>${t("jobs.more")}</button></div>`}
    </section>
  `;
}

async function watch(show, signal) {
  for (let looks = SLOWER; ; looks += 1) {
    try {
      const { jobs, next } = await pageOf("", signal);
      show((before) => renewed(before, jobs, next));
      if (!jobs.some(isMoving)) return;
    } catch (fault) {
      if (signal.aborted) throw fault;
      show(() => ({ problem: Problem.from(fault) }));
      return;
    }
    await rested(pause(looks), signal);
  }
}

/** The newest page as it is now, and the older ones that were asked for already. */
function renewed(before, jobs, next) {
  const last = jobs.at(-1)?.id;
  const older = (before.jobs ?? []).slice(PAGE).filter((job) => job.id > last); // ids sort the newest first
  return older.length ? { jobs: [...jobs, ...older], problem: null } : { jobs, next, problem: null };
}

async function pageOf(after, signal) {
  const query = new URLSearchParams({ limit: PAGE, ...(after ? { after } : {}) });
  return (await call("GET", `v1/jobs?${query}`, { signal })).data;
}

function Table({ jobs }) {
  return html`
    <div class="card scrolls jobs-box" tabindex="0" role="group" aria-labelledby="jobs-list">
      <table class="jobs-table">
        <thead>
          <tr>
            <th scope="col">${t("jobs.file")}</th>
            <th scope="col">${t("jobs.state")}</th>
            <th scope="col">${t("jobs.model")}</th>
            <th scope="col">${t("jobs.created")}</th>
          </tr>
        </thead>
        <tbody>
          ${jobs.map((job) => html`
            <tr key=${job.id}>
              <th scope="row"><a href=${`#/jobs/${job.id}`}>${job.file}</a></th>
              <td><${State} state=${job.state} /></td>
              <td>${job.model}${job.version && html`<span class="soft">@${job.version}</span>`}</td>
              <td><time datetime=${job.created_at}>${when(job.created_at)}</time></td>
            </tr>
          `)}
        </tbody>
      </table>
    </div>
  `;
}
