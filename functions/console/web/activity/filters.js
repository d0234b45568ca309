// What to look at: it stands in the address, so that it can be linked and survives a reload.

import { listModels } from "../models/registry.js";
import { html, useEffect, useState } from "../ui.js";
import { t } from "../text.js";
import { Field } from "../parts/field.js";

const SPANS = ["hour", "day"];

/** @param active what did something in the window: its versions can be chosen. */
export function Filters({ span, model, version, active }) {
  const names = useNames(active, model);
  const versions = useSeen(active, model, version);
  const go = (what) => {
    const { span: window, ...rest } = { span, model, version, ...what };
    const chosen = Object.entries({ window, ...rest }).filter(([name, value]) => value && !(name === "window" && value === "hour"));
    location.hash = `#/activity${chosen.length ? `?${new URLSearchParams(chosen)}` : ""}`;
  };
  return html`
    <div class="filters">
      <fieldset class="segments">
        <legend>${t("activity.window")}</legend>
        <div>
          ${SPANS.map((each) => html`
            <label key=${each}><input type="radio" name="window" value=${each} checked=${span === each} onChange=${() => go({ span: each })} /><span>${t(`activity.${each}`)}</span></label>
          `)}
        </div>
      </fieldset>
      <${Field} label=${t("activity.model")}>
        ${(tied) => html`
          <select ...${tied} value=${model} onChange=${(event) => go({ model: event.target.value, version: "" })}>
            <option value="">${t("activity.all")}</option>
            ${names.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}
          </select>
        `}
      <//>
      ${model && html`
        <${Field} label=${t("activity.version")}>
          ${(tied) => html`
            <select ...${tied} value=${version} onChange=${(event) => go({ version: event.target.value })}>
              <option value="">${t("activity.allVersions")}</option>
              ${versions.map((each) => html`<option key=${each} value=${each}>${each}</option>`)}
            </select>
          `}
        <//>
      `}
    </div>
  `;
}

/** Names of models: of the registry, and of whatever was active. */
function useNames(active, model) {
  const [known, setKnown] = useState([]);
  useEffect(() => {
    listModels().then((models) => setKnown(models.map((each) => each.name)), () => {}); // those that were active will do
  }, []);
  return [...new Set([...known, ...active.map((each) => each.model), ...(model ? [model] : [])])].sort();
}

/** Versions of the model that were seen so far: filtering by one does not take the others away. */
function useSeen(active, model, version) {
  const [seen, setSeen] = useState({ model: "", versions: [] });
  const here = active.filter((each) => each.model === model).map((each) => String(each.version));
  const before = seen.model === model ? seen.versions : [];
  const all = [...new Set([...before, ...here, ...(version ? [version] : [])])].sort((one, other) => Number(other) - Number(one));
  useEffect(() => setSeen({ model, versions: all }), [model, all.join()]);
  return all;
}
