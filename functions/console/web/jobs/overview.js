// A new job above, those of before below.

import { listModels } from "../models/registry.js";
import { Problem } from "../problem.js";
import { html, useEffect, useState } from "../ui.js";
import { t } from "../text.js";
import { Busy, Empty, Failure } from "../parts/states.js";
import { List } from "./list.js";
import { Order, again } from "./order.js";

/** @param wanted name of a model that a link brought along. */
export function Overview({ wanted }) {
  return html`
    <div class="jobs">
      <header class="view-head">
        <div><h1>${t("jobs.title")}</h1><p class="lead">${t("jobs.lead")}</p></div>
      </header>
      <${Begin} wanted=${wanted} />
      <${List} />
    </div>
  `;
}

function Begin({ wanted }) {
  const [{ models, problem }, setFound] = useState({});
  const load = () => {
    setFound({});
    listModels().then(
      (found) => {
        if (wanted) again({ model: wanted });
        setFound({ models: found });
      },
      (fault) => setFound({ problem: Problem.from(fault) }),
    );
  };
  useEffect(load, [wanted]);
  if (problem) return html`<${Failure} problem=${problem} retry=${load} />`;
  if (!models) return html`<${Busy} />`;
  if (models.length === 0) return html`<${Empty} icon="models" title=${t("jobs.noModels")} text=${t("jobs.noModelsMore")} />`;
  return html`<${Order} key=${wanted} models=${models} />`;
}
