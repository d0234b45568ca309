/** Asking a model: one question at a time, its answers, and what went wrong with the last. */
import { call } from "../api.js";
import { Problem } from "../problem.js";
import { useEffect, useRef, useState } from "../ui.js";
import { requestOf, told } from "./requests.js";

const NOTHING = { busy: "", problem: null, prediction: null, explanation: null, last: null };

/**
 * `{ask(lane, instance, parameters), again(), busy, problem, prediction, explanation, last}`.
 *
 * `busy` is the lane that is being asked, or "". `prediction` and `explanation` are `{instance, value, data, told, ms}`,
 * where `value` is the first answer; `last` is the later of the two. A new question ends the one before.
 */
export function useAsking(model, version) {
  const [state, setState] = useState(NOTHING);
  const running = useRef(null);
  const question = useRef(null);
  useEffect(() => () => running.current?.abort(), []);
  const ask = async (lane, instance, parameters = {}) => {
    running.current?.abort();
    const ends = (running.current = new AbortController());
    question.current = [lane, instance, parameters];
    setState((before) => ({ ...before, busy: lane, problem: null }));
    try {
      const answer = await answered(model, { version, lane, instance, parameters: lane === "explain" ? {} : parameters }, ends.signal);
      const slot = lane === "explain" ? "explanation" : "prediction";
      setState((before) => ({ ...before, busy: "", problem: null, [slot]: answer, last: answer }));
      return answer;
    } catch (fault) {
      if (ends.signal.aborted) return null;
      setState((before) => ({ ...before, busy: "", problem: Problem.from(fault) }));
      return null;
    }
  };
  return { ...state, ask, again: () => question.current && ask(...question.current) };
}

async function answered(model, question, signal) {
  const { path, json } = requestOf(model, question);
  const { data, headers, ms } = await call("POST", path, { json, signal });
  const value = data.predictions?.[0] ?? data.explanations?.[0] ?? data.outputs ?? null;
  return { lane: question.lane, instance: question.instance, parameters: question.parameters, value, data, told: told(headers), ms };
}
