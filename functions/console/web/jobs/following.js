// A job as it fares: asked after until it is over, and then only for new addresses of its results.

import { call } from "../api.js";
import { Problem } from "../problem.js";
import { useEffect, useReducer, useState } from "../ui.js";
import { pause, rested } from "./pace.js";
import { OVER, isMoving } from "./standing.js";
import { forget } from "./uploads.js";

const PASSING = ["network", "throttled", "unavailable"];
const EARLY_MS = 60_000;
/** How far the pace goes back when something moved: to about two seconds. */
const LIVELY = 3;

/**
 * A job by its id.
 * @param nudge a change of it has the job asked after at once.
 * @returns {{job, problem, refresh}} both null at first; `job` stays what it was while a problem lasts.
 */
export function useJob(id, nudge) {
  const [found, setFound] = useState({ job: null, problem: null });
  const [turn, refresh] = useReducer((count) => count + 1, 0);
  useEffect(() => {
    const end = new AbortController();
    setFound((before) => ({ ...before, problem: null }));
    const show = (what) => end.signal.aborted || setFound((before) => ({ ...before, ...what }));
    follow(id, show, end.signal).catch(() => {}); // it ends with the view
    return () => end.abort();
  }, [id, nudge, turn]);
  return { ...found, job: found.job?.id === id ? found.job : null, refresh };
}

async function follow(id, show, signal) {
  let seen = "";
  for (let looks = 0; ; looks += 1) {
    const { job, problem } = await look(id, signal);
    show(job ? { job, problem: null } : { problem });
    if (problem && !PASSING.includes(problem.kind)) return;
    if (job && OVER.includes(job.state)) forget(id);
    const rest = job ? remaining(job) : (problem.retryAfter ?? 0) * 1000;
    if (rest === null) return;
    const standing = JSON.stringify([job?.state, job?.progress]);
    if (standing !== seen) looks = Math.min(looks, LIVELY);
    seen = standing;
    await rested(Math.max(rest, pause(looks)), signal);
  }
}

async function look(id, signal) {
  try {
    return { job: (await call("GET", `v1/jobs/${encodeURIComponent(id)}`, { signal })).data };
  } catch (fault) {
    if (signal.aborted) throw fault;
    return { problem: Problem.from(fault) };
  }
}

/** Milliseconds for which there is nothing new to expect: 0 of a job that is not over, null where nothing will be. */
function remaining(job) {
  if (isMoving(job)) return 0;
  return job.expires_at ? Math.max(EARLY_MS, Date.parse(job.expires_at) - Date.now() - EARLY_MS) : null;
}
