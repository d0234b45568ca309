/** What a view shows while it waits, when there is nothing, and when something went wrong. */
import { Problem } from "../problem.js";
import { ask, subscribe } from "../session.js";
import { html, useEffect, useErrorBoundary, useReducer, useRef, useState } from "../ui.js";
import { number, t } from "../text.js";
import { Icon } from "./icon.js";

/** Waiting, said to screen readers as well; `label` says for what. */
export function Busy({ label = t("shell.busy") }) {
  return html`<p class="busy" role="status"><span class="spinner" aria-hidden="true"></span><span>${label}</span></p>`;
}

/** Nothing to show: a title, a sentence, and as children what one can do about it. */
export function Empty({ icon = "list", title, text, children }) {
  return html`<div class="empty">
    <span class="empty-icon"><${Icon} name=${icon} size=${26} /></span>
    <h2>${title}</h2>
    ${text && html`<p>${text}</p>`} ${children && html`<div class="actions">${children}</div>`}
  </div>`;
}

/**
 * A problem in the API's own words, and the way on: a new try, the key, jobs for what is too large, the time to wait.
 *
 * `retry` does what failed once more; it runs by itself when the key or the credentials have changed.
 * `signed`: the call wanted AWS credentials. `jobs`: where files go that are too large (`#/jobs`).
 */
export function Failure({ problem, retry, signed = false, jobs = "#/jobs", children }) {
  const again = useRef(retry);
  again.current = retry;
  const asksFor = problem.kind === "forbidden" && (signed || problem.code === "no_credentials" ? "credentials" : "key");
  useEffect(() => (asksFor ? subscribe(() => again.current?.()) : undefined), [asksFor]);
  const left = useCountdown(problem);
  const waits = left > 0;
  return html`<div class="failure" role="alert" data-kind=${problem.kind}>
    <${Icon} name=${problem.kind === "throttled" ? "clock" : "alert"} />
    <div>
      <p class="failure-title">${t(`shell.problem.${problem.kind}`)}</p>
      <p class="failure-words">
        <span>${problem.kind === "network" ? t(problem.code === "timeout" ? "shell.problem.timeout" : "shell.problem.offline") : problem.message}</span>
        ${problem.code && problem.kind !== "network" && html` <code>${problem.code}</code>`}
      </p>
      ${problem.kind === "throttled" && html`<p class="failure-hint" aria-live="off">${waits ? t("shell.problem.wait", { n: left }) : t("shell.problem.now")}</p>`}
      ${problem.kind === "unavailable" && problem.request && html`<p class="failure-hint">${t("shell.problem.request", { id: problem.request })}</p>`}
      ${children}
      <div class="actions">
        ${asksFor && html`<button type="button" class="small" onClick=${() => ask(asksFor)}>${t(`shell.enter.${asksFor}`)}</button>`}
        ${problem.kind === "too_large" && jobs && html`<a class="button small" href=${jobs}>${t("shell.problem.jobs")}</a>`}
        ${retry && problem.kind !== "too_large" && html`<button type="button" class="small quiet" disabled=${waits} onClick=${() => retry()}>
          <${Icon} name="retry" size=${15} />${waits ? `${t("shell.retry")} (${number(left)})` : t("shell.retry")}
        </button>`}
      </div>
    </div>
  </div>`;
}

/** Seconds until a problem's call may be tried again; it counts down by itself. */
function useCountdown(problem) {
  const [left, setLeft] = useState(problem.retryAfter ?? 0);
  useEffect(() => {
    const ends = Date.now() + (problem.retryAfter ?? 0) * 1000;
    const tell = () => setLeft(Math.max(0, Math.ceil((ends - Date.now()) / 1000)));
    tell();
    if (!problem.retryAfter) return undefined;
    const timer = setInterval(() => (Date.now() >= ends ? (tell(), clearInterval(timer)) : tell()), 250);
    return () => clearInterval(timer);
  }, [problem]);
  return left;
}

/**
 * `{data, problem, again}` of a function that takes an AbortSignal and returns a promise; anew when `inputs` change, and
 * both are null until it came. What came stays while it is asked `again`.
 */
export function useLoaded(load, inputs) {
  const [state, setState] = useState({ data: null, problem: null });
  const [turn, again] = useReducer((count) => count + 1, 0);
  useEffect(() => setState({ data: null, problem: null }), inputs);
  useEffect(() => {
    const ends = new AbortController();
    setState(({ data }) => ({ data, problem: null }));
    load(ends.signal).then(
      (data) => ends.signal.aborted || setState({ data, problem: null }),
      (fault) => ends.signal.aborted || setState(({ data }) => ({ data, problem: Problem.from(fault) })),
    );
    return () => ends.abort();
  }, [...inputs, turn]);
  return { ...state, again };
}

/** Draws what it holds; where that breaks, says so in its place, and the rest of the page stands. */
export function Guard({ children }) {
  const [fault, again] = useErrorBoundary();
  if (!fault) return children;
  return html`<${Failure} problem=${new Problem("broken", String(fault.message ?? fault))} retry=${again} />`;
}
