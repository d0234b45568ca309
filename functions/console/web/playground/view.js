/** The playground: every model as a list, and a page to try each. */
import { html } from "../ui.js";
export function view({ route }) {
  return html`<p>${route.path}</p>`;
}
