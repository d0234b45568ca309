// An answer of the API for a component: what came, or what went wrong, and how to ask again.

import { call } from "../api.js";
import { Problem } from "../problem.js";
import { useEffect, useReducer, useState } from "../ui.js";

/**
 * @param load takes an AbortSignal; asked again when one of `keys` changes. What came stays while it is asked again.
 * @returns {{found, problem, again}}
 */
export function useLoaded(load, keys) {
  const [state, setState] = useState({ found: null, problem: null });
  const [turn, again] = useReducer((count) => count + 1, 0);
  useEffect(() => {
    const end = new AbortController();
    setState((before) => ({ ...before, problem: null }));
    load(end.signal).then(
      (found) => end.signal.aborted || setState({ found, problem: null }),
      (fault) => end.signal.aborted || setState((before) => ({ ...before, problem: Problem.from(fault) })),
    );
    return () => end.abort();
  }, [...keys, turn]);
  return { ...state, again };
}

/** What a path answers. */
export async function read(path, signal) {
  return (await call("GET", path, { signal })).data;
}
