/** A button that copies a text, and says so. */
import { html, useEffect, useState } from "../ui.js";
import { t } from "../text.js";
import { Icon } from "./icon.js";

/** `text` may be a function, for what is made only when it is asked for. */
export function Copy({ text, label = t("shell.copy") }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 1600);
    return () => clearTimeout(timer);
  }, [copied]);
  return html`<button type="button" class="small quiet" onClick=${async () => setCopied(await copy(typeof text === "function" ? text() : text))}>
    <${Icon} name=${copied ? "check" : "copy"} size=${15} /><span aria-live="polite">${copied ? t("shell.copied") : label}</span>
  </button>`;
}

/** The clipboard exists only on https and on this machine: elsewhere the old way of a selection does. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = Object.assign(document.createElement("textarea"), { value: text, className: "offscreen" });
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
