/** A conversation with a model that finds the nearest of its prepared answers. */
import { Bars } from "../parts/bars.js";
import { Icon } from "../parts/icon.js";
import { Busy, Failure } from "../parts/states.js";
import { said } from "../problem.js";
import { number, t } from "../text.js";
import { html, useEffect, useRef, useState } from "../ui.js";
import { Examples } from "./examples.js";
import { Explanation } from "./explanation.js";
import { readable } from "./features.js";

export function Conversation({ model, instance, onInstance, examples, asking, parameters, at, options }) {
  const [turns, setTurns] = useState([]);
  const log = useRef(null);
  const send = async (asked) => {
    if (!asked.text.trim()) return;
    onInstance(asked);
    const answer = await asking.ask("predict", asked, parameters);
    if (!answer) return;
    setTurns((before) => [...before, { asked, value: answer.value }]);
    onInstance({ text: "" });
  };
  const explain = async (index) => {
    const answer = await asking.ask("explain", turns[index].asked);
    if (answer) setTurns((before) => before.map((turn, place) => (place === index ? { ...turn, explanation: answer } : turn)));
  };
  useEffect(() => {
    // The latest question at the top: its answer may be longer than the box.
    const latest = log.current.querySelector("ol").lastElementChild;
    log.current.scrollTop = latest ? latest.offsetTop - log.current.offsetTop : 0;
  }, [turns.length, asking.busy]);
  const wrong = said(asking.problem, at);
  return html`<section class="card conversation" aria-labelledby="talk-title">
    <header>
      <h2 id="talk-title">${t("playground.talk")}</h2>
      ${turns.length > 0 && html`<button type="button" class="small quiet" onClick=${() => setTurns([])}>${t("playground.clear")}</button>`}
    </header>
    <div class="talk" ref=${log} role="log" aria-label=${t("playground.talk")} tabindex="0">
      ${!turns.length && asking.busy !== "predict" && html`<div class="talk-start"><${Icon} name="chat" size=${28} /><p>${t("playground.talk.start")}</p></div>`}
      <ol>
      ${turns.map((turn, index) => html`<${Turn} key=${index} model=${model} turn=${turn} busy=${asking.busy === "explain"} onExplain=${() => explain(index)} />`)}
      ${asking.busy === "predict" && html`<li><p class="said-by-me">${instance.text}</p><${Busy} label=${t("playground.thinking")} /></li>`}
      </ol>
    </div>
    ${examples.length > 0 && html`<${Examples} examples=${examples.map((one) => ({ ...one, name: one.instance.text.slice(0, 60) }))} instance=${instance} onPick=${send} />`}
    ${asking.problem && html`<${Failure} problem=${asking.problem} retry=${asking.problem.kind === "invalid" || !instance.text ? undefined : () => send(instance)} />`}
    <form class="composer" onSubmit=${(event) => (event.preventDefault(), send(instance))}>
      <textarea
        name="text"
        rows="1"
        aria-label=${t("playground.question")}
        aria-invalid=${wrong ? "true" : undefined}
        placeholder=${t("playground.question")}
        value=${instance.text}
        onInput=${(event) => onInstance({ text: event.target.value })}
        onKeyDown=${(event) => event.key === "Enter" && !event.shiftKey && !event.isComposing && (event.preventDefault(), send(instance))}
      ></textarea>
      <button type="submit" class="main" aria-busy=${asking.busy === "predict"}>${t("playground.send")}</button>
    </form>
    ${options}
  </section>`;
}

function Turn({ model, turn, busy, onExplain }) {
  const { asked, value, explanation } = turn;
  const others = (value?.candidates ?? []).slice(value.answer === null ? 0 : 1);
  // What a package keeps with its answers: a translation, what the question is after.
  const about = Object.entries((value.answer !== null && value.candidates?.[0]) || {}).filter(([name, text]) => name !== "answer" && typeof text === "string");
  return html`<li>
    <p class="said-by-me">${asked.text}</p>
    <div class=${`said-by-model ${value.answer === null ? "is-unsure" : ""}`}>
      <p class="answer-text">${value.answer ?? t("playground.no.answer")}</p>
      <p class="talk-facts">
        <span class="number">${t("playground.similarity", { value: number(value.score, { digits: 3 }) })}</span>
        ${!explanation && html`<button type="button" class="link" aria-busy=${busy} onClick=${onExplain}>${t("playground.why")}</button>`}
      </p>
      ${explanation && html`<${Explanation} model=${model} explanation=${explanation} />`}
      ${about.length > 0 && html`<details>
        <summary>${t("playground.about")}</summary>
        <dl class="facts about">${about.map(([name, text]) => html`<dt>${readable(name)}</dt><dd>${text}</dd>`)}</dl>
      </details>`}
      ${others.length > 0 && html`<details open=${value.answer === null}>
        <summary>${t(value.answer === null ? "playground.nearest" : "playground.others")}</summary>
        <${Bars} max=${1} label=${t("playground.others")} rows=${others.map(({ answer, score }) => ({ label: answer, value: score, text: number(score, { digits: 3 }) }))} />
      </details>`}
    </div>
  </li>`;
}
