// Jobs: a file of rows becomes a file of answers.

import { html, style } from "../ui.js";
import { Job } from "./job.js";
import { Overview } from "./overview.js";

await style(new URL("./jobs.css", import.meta.url));

/** `#/jobs` and `#/jobs/<id>`. */
export function view({ route }) {
  return route.id ? html`<${Job} key=${route.id} id=${route.id} />` : html`<${Overview} wanted=${route.query.model} />`;
}
