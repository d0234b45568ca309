// What a job's state lets one expect.

/** States after which nothing changes any more. */
export const OVER = ["done", "failed", "cancelled"];

/** For how long a form takes a file, and a little more for one that is on its way by then. */
const FORM_MS = 3_600_000 + 300_000;

/** Whether the file of a job never came, and cannot come any more. */
export function isLapsed(job) {
  return job.state === "waiting" && Date.now() - Date.parse(job.created_at) > FORM_MS;
}

/** Whether something may still change. */
export function isMoving(job) {
  return !OVER.includes(job.state) && !isLapsed(job);
}
