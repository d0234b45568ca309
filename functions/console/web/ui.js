/**
 * What components are written with: `html` tagged templates over preact, and its hooks.
 * The one module of the console that names the vendored ones.
 */
import { h } from "./vendor/preact.js";
import { useEffect, useReducer } from "./vendor/hooks.js";
import htm from "./vendor/htm.js";

export { Fragment, render } from "./vendor/preact.js";
export { useCallback, useEffect, useErrorBoundary, useId, useLayoutEffect, useMemo, useReducer, useRef, useState } from "./vendor/hooks.js";

/** Markup as a tagged template; values become text or properties, never markup. */
export const html = htm.bind(h);

/** Draw the component again whenever a source (its `subscribe(listener)` returns what ends it) has changed. */
export function useChanges(subscribe) {
  const [, again] = useReducer((count) => count + 1, 0);
  useEffect(() => subscribe(again), [subscribe]);
}

/** A list of listeners: `subscribe(listener)` returns what ends it, `publish(value)` tells all. */
export function topic() {
  const listeners = new Set();
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    publish(value) {
      for (const listener of [...listeners]) listener(value);
    },
  };
}

const sheets = new Map();

/**
 * Load a view's own style sheet, once; resolves when it applies, and also where it cannot be had.
 * In a view: `await style(new URL("./jobs.css", import.meta.url));`
 */
export function style(url) {
  const address = String(url);
  if (!sheets.has(address)) {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: address });
    sheets.set(address, new Promise((resolve) => { link.onload = link.onerror = resolve; }));
    document.head.append(link);
  }
  return sheets.get(address);
}
