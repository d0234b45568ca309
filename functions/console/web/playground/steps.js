/** A sequence of any length whose steps have features: a small table, a row for each step. */
import { Icon } from "../parts/icon.js";
import { Wrong } from "../parts/field.js";
import { said } from "../problem.js";
import { t } from "../text.js";
import { html, useId } from "../ui.js";
import { bounds, readable } from "./features.js";
import { fieldOf } from "./instances.js";

export function Form({ declared, instance, onInstance, problem, at }) {
  const field = fieldOf(declared);
  const rows = instance[field];
  const place = `${at}.${field}`;
  const change = (next) => onInstance({ [field]: next });
  const set = (index, name, value) => change(rows.map((row, at_) => (at_ === index ? put(row, name, value) : row)));
  const add = () => change([...rows, { ...rows.at(-1) }]);
  const paste = (event, from, column) => {
    const cells = grid(event.clipboardData.getData("text"));
    if (cells.length < 2 && cells[0]?.length < 2) return;
    event.preventDefault();
    change(pasted(rows, cells, from, declared.features.slice(column).map((feature) => feature.name)));
  };
  const id = useId();
  const whole = problem?.place === place || problem?.place === at ? problem.message : "";
  return html`<div class="steps">
    <${Lines} features=${declared.features} rows=${rows} />
    <div class="scrolls steps-table" tabindex="0" role="region" aria-label=${t("playground.steps")}>
      <table>
        <thead>
          <tr>
            <th scope="col" class="number">#</th>
            ${declared.features.map((feature) => html`<th key=${feature.name} scope="col" title=${[feature.description, bounds(feature)].filter(Boolean).join(" · ")}>${readable(feature.name)}${feature.unit && html`<span class="unit">${feature.unit}</span>`}</th>`)}
            <th><span class="offscreen">${t("playground.remove")}</span></th>
          </tr>
        </thead>
        <tbody>
          ${rows.map((row, index) => html`<${Step} key=${index} index=${index} row=${row} features=${declared.features} problem=${problem} place=${`${place}[${index}]`} onValue=${(name, value) => set(index, name, value)} onPaste=${(event, column) => paste(event, index, column)} onRemove=${rows.length > 1 && (() => change(rows.filter((_, at_) => at_ !== index)))} />`)}
        </tbody>
      </table>
    </div>
    ${whole && html`<${Wrong} id=${id} text=${whole} />`}
    <div class="actions">
      <button type="button" class="small" aria-invalid=${whole ? "true" : undefined} aria-describedby=${whole ? id : undefined} onClick=${add}><${Icon} name="plus" size=${15} />${t("playground.step.add")}</button>
      <span class="hint">${t("playground.steps.hint", { n: rows.length, most: declared.max_length ?? 1024 })}</span>
    </div>
  </div>`;
}

function Step({ index, row, features, problem, place, onValue, onPaste, onRemove }) {
  const id = useId();
  const wrong = features.map((feature) => said(problem, `${place}.${feature.name}`));
  const message = wrong.find(Boolean) || (problem?.place === place ? problem.message : "");
  const isWrong = (column) => Boolean(wrong[column]) || (message && !wrong.some(Boolean) && column === 0);
  return html`<tr class=${message ? "is-wrong" : ""}>
      <th scope="row" class="number">${index + 1}</th>
      ${features.map((feature, column) => html`<td key=${feature.name}>
          <input
            type=${feature.type === "category" ? "text" : "number"}
            step="any"
            inputmode=${feature.type === "category" ? undefined : "decimal"}
            value=${row[feature.name] ?? ""}
            aria-label=${t("playground.cell", { name: readable(feature.name), n: index + 1 })}
            aria-invalid=${isWrong(column) ? "true" : undefined}
            aria-describedby=${isWrong(column) ? id : undefined}
            onInput=${(event) => onValue(feature.name, read(event.target, feature))}
            onPaste=${(event) => onPaste(event, column)}
          />
        </td>`)}
      <td>${onRemove && html`<button type="button" class="bare small" aria-label=${t("playground.step.remove", { n: index + 1 })} onClick=${onRemove}><${Icon} name="close" size=${14} /></button>`}</td>
    </tr>
    ${message && html`<tr class="steps-wrong"><td colspan=${features.length + 2}><${Wrong} id=${id} text=${message} /></td></tr>`}`;
}

/** The course of each feature over the steps, as small lines. */
function Lines({ features, rows }) {
  if (rows.length < 3) return null;
  return html`<div class="spark" aria-hidden="true">
    ${features.filter((feature) => feature.type !== "category").map((feature) => html`<div key=${feature.name}><span>${readable(feature.name)}</span><${Line} values=${rows.map((row) => row[feature.name])} /></div>`)}
  </div>`;
}

function Line({ values }) {
  const numbers = values.map((value) => (typeof value === "number" ? value : 0));
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const points = numbers.map((value, index) => `${((index / (numbers.length - 1)) * 100).toFixed(2)},${(26 - (high > low ? (value - low) / (high - low) : 0.5) * 24).toFixed(2)}`);
  return html`<svg viewBox="0 0 100 28" preserveAspectRatio="none" focusable="false"><polyline points=${points.join(" ")} vector-effect="non-scaling-stroke" /></svg>`;
}

function read(input, feature) {
  if (input.value === "") return undefined;
  return feature.type === "category" ? input.value : Number(input.value);
}

function put(row, name, value) {
  const { [name]: _, ...others } = row;
  return value === undefined ? others : { ...others, [name]: value };
}

/** Rows and cells of what a spreadsheet copies. */
function grid(text) {
  return text.trim().split(/\r?\n/).map((line) => line.split(/\t|;|,(?=\s*-?[\d.])/).map((cell) => cell.trim()));
}

function pasted(rows, cells, from, names) {
  const result = [...rows];
  cells.forEach((line, offset) => {
    const entries = line.slice(0, names.length).map((cell, column) => [names[column], cell !== "" && Number.isFinite(Number(cell)) ? Number(cell) : cell]);
    result[from + offset] = { ...(result[from + offset] ?? rows.at(-1)), ...Object.fromEntries(entries) };
  });
  return result;
}
