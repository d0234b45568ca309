/** Draws what it holds; where that breaks, says so in its place, and the rest of the page stands. */
import { Problem } from "../problem.js";
import { html, useErrorBoundary } from "../ui.js";
import { Failure } from "./states.js";

export function Guard({ children }) {
  const [fault, again] = useErrorBoundary();
  if (!fault) return children;
  return html`<${Failure} problem=${new Problem("broken", String(fault.message ?? fault))} retry=${again} />`;
}
