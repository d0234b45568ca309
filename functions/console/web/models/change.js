// Asks before what serves is changed: names what changes from what to what, and why, and meets whoever was faster.

import { Problem } from "../problem.js";
import { html, useState } from "../ui.js";
import { t } from "../text.js";
import { Dialog } from "../parts/dialog.js";
import { Field } from "../parts/field.js";
import { Failure } from "../parts/states.js";
import { change } from "./requests.js";
import { share, worded } from "./state.js";
import { FIELDS, isSame, outcome, pick } from "./transitions.js";

const LONGEST = 500;

/** @param asked {action, version?, weight?} */
export function Change({ asked, model, onClose, onDone }) {
  const [state, setState] = useState({ ...pick(model), generation: model.generation });
  const [weight, setWeight] = useState(asked.weight ?? 0);
  const [why, setWhy] = useState("");
  const [problem, setProblem] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const { action, version } = asked;
  const send = async (event) => {
    event?.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await change(action, model.name, { version, weight, why: why.trim(), generation: state.generation ?? 0 });
      onDone();
      onClose();
    } catch (fault) {
      const found = Problem.from(fault);
      setProblem(found);
      setBusy(false);
      if (found.state) setState({ ...pick(found.state), generation: found.state.generation });
      if (found.kind === "conflict") onDone();
    }
  };
  const isPossible = action !== "rollback" || state.canary !== null || state.previous !== null;
  const named = { n: String(version ?? ""), model: model.title, share: share(weight), previous: String(state.previous ?? "") };
  const kind = action === "rollback" ? (state.canary ? "endCanary" : "rollback") : action === "shadow" && version === null ? "endShadow" : action;
  const actions = html`
    <button type="button" class="quiet" onClick=${onClose}>${t("models.change.no")}</button>
    <button type="submit" form="change" class=${`main ${["retire", "rollback", "endCanary"].includes(kind) ? "is-danger" : ""}`} disabled=${isBusy || !isPossible} aria-busy=${isBusy}>
      ${t(`models.change.${kind}`, named)}
    </button>
  `;
  return html`
    <${Dialog} title=${t(`models.change.${kind}Title`, named)} onClose=${onClose} actions=${actions}>
      <form id="change" class="change" onSubmit=${send}>
        <p>${t(`models.change.${kind}What`, named)}</p>
        ${action === "canary" && html`<${Weight} weight=${weight} onChange=${setWeight} />`}
        ${action === "retire"
          ? html`<${Moves} rows=${[[t("models.version", named), t("models.change.usable"), t("models.role.retired")]]} />`
          : isPossible && html`<${Moves} rows=${moves(state, outcome(action, state, { version, weight }))} />`}
        <${Field} label=${t("models.change.why")} hint=${t("models.change.whyHint")} error=${problem?.place === "why" ? problem.message : ""}>
          ${(tied) => html`<textarea ...${tied} rows="2" maxlength=${LONGEST} required autofocus value=${why} onInput=${(event) => setWhy(event.target.value)}></textarea>`}
        <//>
        ${problem && html`
          <${Failure} problem=${problem} signed jobs="">
            ${problem.kind === "conflict" && problem.state && html`<p>${t("models.change.now")}</p>`}
          <//>
        `}
      </form>
    <//>
  `;
}

function Weight({ weight, onChange }) {
  const put = (event) => onChange(Math.min(100, Math.max(0, Number(event.target.value))) / 100);
  const percent = Math.round(weight * 1000) / 10;
  return html`
    <${Field} label=${t("models.change.weight")} hint=${t("models.change.weightHint")}>
      ${(tied) => html`
        <div class="weight">
          <input ...${tied} type="range" min="1" max="100" step="1" value=${percent} onInput=${put} aria-valuetext=${share(weight)} />
          <input type="number" min="0.1" max="100" step="0.1" required value=${percent} onChange=${put} aria-label=${t("models.change.weight")} />
          <span aria-hidden="true">%</span>
        </div>
      `}
    <//>
  `;
}

function moves(before, after) {
  return FIELDS.map((field) => [t(`models.field.${field}`), worded(before[field]), worded(after[field]), !isSame(before[field], after[field])]);
}

function Moves({ rows }) {
  return html`
    <table class="moves-table">
      <thead>
        <tr><td></td><th scope="col">${t("models.change.is")}</th><th scope="col">${t("models.change.becomes")}</th></tr>
      </thead>
      <tbody>
        ${rows.map(([name, before, after, isChanged = true]) => html`
          <tr key=${name} class=${isChanged ? "is-changed" : ""}>
            <th scope="row">${name}</th><td>${before}</td><td>${isChanged ? html`<b>${after}</b>` : html`<span class="soft">${t("models.change.same")}</span>`}</td>
          </tr>
        `)}
      </tbody>
    </table>
  `;
}
