// Something that is asked for again and again, but not while nobody looks.

import { call } from "../api.js";
import { Problem } from "../problem.js";
import { useEffect, useReducer, useState } from "../ui.js";

/**
 * What a path answers, renewed every so many milliseconds; 0: only when `again` is called.
 * What came stays while a problem lasts. A hidden tab asks nothing; one that is looked at again asks at once.
 * @returns {{found, problem, at, again}} `at`: when it came.
 */
export function useWatched(path, everyMs) {
  const [state, setState] = useState({ found: null, problem: null, at: null, path });
  const [turn, again] = useReducer((count) => count + 1, 0);
  useEffect(() => {
    const end = new AbortController();
    let timer = 0;
    let due = 0;
    const ask = async () => {
      clearTimeout(timer);
      if (document.hidden) return;
      try {
        const { data } = await call("GET", path, { signal: end.signal });
        setState({ found: data, problem: null, at: new Date(), path });
      } catch (fault) {
        if (end.signal.aborted) return;
        setState((before) => ({ ...before, problem: Problem.from(fault) }));
      }
      if (end.signal.aborted || !everyMs) return;
      due = Date.now() + everyMs;
      timer = setTimeout(ask, everyMs);
    };
    const seen = () => !document.hidden && Date.now() >= due && ask();
    if (everyMs) document.addEventListener("visibilitychange", seen);
    ask();
    return () => {
      end.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [path, everyMs, turn]);
  return { ...state, found: state.path === path ? state.found : null, again };
}
