/** Something that is fetched once, and again on demand: a hook. */
import { Problem } from "../problem.js";
import { useCallback, useEffect, useState } from "../ui.js";

/**
 * `{data, problem, again}` of a function that takes an AbortSignal and returns a promise; anew when `inputs` change.
 * While it is under way both are null.
 */
export function useLoaded(load, inputs) {
  const [state, setState] = useState({ data: null, problem: null });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const ends = new AbortController();
    setState({ data: null, problem: null });
    load(ends.signal).then(
      (data) => ends.signal.aborted || setState({ data, problem: null }),
      (fault) => ends.signal.aborted || setState({ data: null, problem: Problem.from(fault) }),
    );
    return () => ends.abort();
  }, [...inputs, turn]);
  return { ...state, again: useCallback(() => setTurn((count) => count + 1), []) };
}
