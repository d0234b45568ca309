// Models: what serves of each, its versions, and what its compression came to.

import { html, style } from "../ui.js";
import { Model } from "./model.js";
import { Overview } from "./overview.js";

await style(new URL("./models.css", import.meta.url));

/** `#/models` and `#/models/<name>`. */
export function view({ route }) {
  return route.id ? html`<${Model} key=${route.id} name=${route.id} query=${route.query} />` : html`<${Overview} />`;
}
