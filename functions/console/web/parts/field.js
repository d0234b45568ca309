/** A control with its label, a hint, and what the API said about it. */
import { html, useId } from "../ui.js";
import { Icon } from "./icon.js";

/**
 * `children` is a function that draws the control with the attributes that tie it to the label and to the words:
 *
 *     html`<${Field} label="Age" unit="years" hint="0 to 120" error=${said(problem, "instances[0].age")}>
 *       ${(tied) => html`<input type="number" ...${tied} />`}
 *     </${Field}>`
 */
export function Field({ label, unit, hint, error, children, class: style = "" }) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  const tied = { id, "aria-describedby": described || undefined, "aria-invalid": error ? "true" : undefined };
  const draw = Array.isArray(children) ? children.find((child) => typeof child === "function") : children;
  return html`<div class=${`field ${style} ${error ? "is-wrong" : ""}`}>
    <label for=${id}>${label}${unit && html` <span class="unit">${unit}</span>`}</label>
    ${draw(tied)}
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
    ${error && html`<${Wrong} id=${`${id}-error`} text=${error} />`}
  </div>`;
}

/** What is wrong with a control, in words, beside it. */
export function Wrong({ id, text }) {
  return html`<p class="wrong" id=${id} role="alert"><${Icon} name="alert" size=${15} /><span>${text}</span></p>`;
}
