/** A picture: drawn where it is small and grey, else dropped, pasted or chosen; what is sent is what is shown. */
import { Icon } from "../parts/icon.js";
import { Wrong } from "../parts/field.js";
import { said } from "../problem.js";
import { bytes, t } from "../text.js";
import { html, useEffect, useId, useRef, useState } from "../ui.js";
import { isDrawn } from "./instances.js";
import { bitmapOf, contentOf, factsOf, instanceOf, paint } from "./pictures.js";

const SIDE = 280;
const PEN = 24;
const WIDEST = 640;

export function Form({ declared, instance, onInstance, problem, at }) {
  const draws = isDrawn(declared);
  const wrong = said(problem, at);
  const id = useId();
  const [over, setOver] = useState(false);
  const take = async (file) => file && onInstance(await instanceOf(file));
  const drop = (event) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  usePaste(take);
  return html`<div
    class=${`picture ${over ? "is-over" : ""} ${draws ? "is-drawn" : ""}`}
    onDragOver=${(event) => (event.preventDefault(), setOver(true))}
    onDragLeave=${() => setOver(false)}
    onDrop=${drop}
  >
    <${Sheet} declared=${declared} draws=${draws} instance=${instance} onInstance=${onInstance} />
    <div class="picture-tools">
      <label class="button upload">
        <${Icon} name="image" size=${16} />${t("playground.choose")}
        <input
          type="file"
          class="offscreen"
          accept="image/png,image/jpeg,image/webp"
          aria-invalid=${wrong ? "true" : undefined}
          aria-describedby=${wrong ? id : undefined}
          onChange=${(event) => (take(event.target.files[0]), (event.target.value = ""))}
        />
      </label>
      ${instance && html`<button type="button" class="quiet" onClick=${() => onInstance(null)}><${Icon} name="eraser" size=${16} />${t("playground.clear")}</button>`}
      <p class="hint">${t(draws ? "playground.draw.hint" : "playground.drop.hint")}</p>
      <${Sent} instance=${instance} />
      ${wrong && html`<${Wrong} id=${id} text=${wrong} />`}
    </div>
  </div>`;
}

/** The picture that would be sent; one can draw on it where that makes sense. */
function Sheet({ declared, draws, instance, onInstance }) {
  const canvas = useRef(null);
  const own = useRef(null);
  const [state, setState] = useState("");
  const [paper, ink] = declared.background === "dark" ? ["#000", "#fff"] : ["#fff", "#000"];
  useEffect(() => {
    if (instance && instance === own.current) return undefined; // drawn here: it is there already
    own.current = null;
    let gone = false;
    const content = contentOf(instance);
    if (!content) {
      if (canvas.current) clear(canvas.current, paper);
      return setState("");
    }
    bitmapOf(content).then((bitmap) => {
      if (gone || !canvas.current) return;
      if (!draws) size(canvas.current, bitmap);
      paint(canvas.current, bitmap, paper);
      setState("");
    }, () => gone || setState("unreadable"));
    return () => { gone = true; };
  }, [instance, draws]);
  const drawing = draws ? pen({ canvas, own, ink, paper, onInstance }) : {};
  const hides = !draws && (!instance || state === "unreadable");
  return html`<div class="sheet">
    ${hides && html`<div class="sheet-empty"><${Icon} name="image" size=${34} /><p>${t(state ? "playground.unreadable" : "playground.drop")}</p></div>`}
    <canvas ref=${canvas} hidden=${hides} width=${SIDE} height=${SIDE} role="img" aria-label=${t(draws ? "playground.pad" : "playground.sent")} class=${draws ? "pad" : ""} ...${drawing}></canvas>
    ${draws && !instance && html`<span class=${`pad-hint ${declared.background === "dark" ? "on-dark" : ""}`} aria-hidden="true">${t("playground.draw")}</span>`}
  </div>`;
}

/** Handlers of a canvas that is drawn on; the picture is taken whenever the pen is lifted. */
function pen({ canvas, own, ink, paper, onInstance }) {
  const point = (event) => {
    const box = canvas.current.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * SIDE, ((event.clientY - box.top) / box.height) * SIDE];
  };
  const stroke = (from, to) => {
    const context = canvas.current.getContext("2d");
    Object.assign(context, { strokeStyle: ink, lineWidth: PEN, lineCap: "round", lineJoin: "round" });
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.stroke();
  };
  return {
    onPointerDown: (event) => {
      if (event.button) return;
      event.preventDefault();
      canvas.current.setPointerCapture(event.pointerId);
      if (!own.current) clear(canvas.current, paper);
      own.current ??= {};
      canvas.current.last = point(event);
      stroke(canvas.current.last, canvas.current.last);
    },
    onPointerMove: (event) => {
      if (!canvas.current.last) return;
      for (const one of event.getCoalescedEvents?.() ?? [event]) {
        const next = point(one);
        stroke(canvas.current.last, next);
        canvas.current.last = next;
      }
    },
    onPointerUp: () => {
      if (!canvas.current.last) return;
      canvas.current.last = null;
      canvas.current.toBlob(async (blob) => {
        own.current = await instanceOf(blob);
        onInstance(own.current);
      }, "image/png");
    },
    onPointerCancel: () => { canvas.current.last = null; },
  };
}

function Sent({ instance }) {
  const content = contentOf(instance);
  const [side, setSide] = useState(null);
  useEffect(() => {
    let gone = false;
    setSide(null);
    if (content) bitmapOf(content).then(({ width, height }) => gone || setSide([width, height]), () => {});
    return () => { gone = true; };
  }, [instance]);
  if (!content) return null;
  const facts = content.b64 && factsOf(content.b64);
  const parts = [facts ? facts.format : t("playground.pixels"), side && `${side[0]} × ${side[1]}`, facts && bytes(facts.bytes)];
  return html`<p class="sent number"><span class="soft">${t("playground.sent")}</span> ${parts.filter(Boolean).join(" · ")}</p>`;
}

function usePaste(take) {
  const taken = useRef(take);
  taken.current = take;
  useEffect(() => {
    const paste = (event) => {
      const file = [...(event.clipboardData?.files ?? [])].find((one) => one.type.startsWith("image/"));
      if (file) taken.current(file);
    };
    addEventListener("paste", paste);
    return () => removeEventListener("paste", paste);
  }, []);
}

function size(canvas, { width, height }) {
  const scale = Math.min(1, WIDEST / Math.max(width, height));
  const larger = Math.max(1, Math.floor(160 / Math.max(width, height)));
  canvas.width = Math.max(1, Math.round(width * scale * larger));
  canvas.height = Math.max(1, Math.round(height * scale * larger));
}

function clear(canvas, paper) {
  const context = canvas.getContext("2d");
  context.fillStyle = paper;
  context.fillRect(0, 0, canvas.width, canvas.height);
}
