// Where a file is dropped or chosen: a native file control, so that a keyboard and a screen reader know it.

import { html, useId, useState } from "../ui.js";
import { bytes, t } from "../text.js";
import { Wrong } from "../parts/field.js";
import { Icon } from "../parts/icon.js";
import { ACCEPT, COMPRESSIBLE, COMPRESSIONS, FORMATS } from "./formats.js";

/**
 * @param most bytes that a file may have.
 * @param rows what a row of the file is, in words.
 */
export function Drop({ file, onFile, error, most, rows }) {
  const [isOver, setOver] = useState(false);
  const id = useId();
  const over = (event) => {
    event.preventDefault();
    setOver(event.type === "dragenter" || event.type === "dragover");
  };
  const drop = (event) => {
    over(event);
    const [dropped] = event.dataTransfer.files;
    if (dropped) onFile(dropped);
  };
  return html`
    <div class=${`drop${isOver ? " is-over" : ""}${file ? " is-full" : ""}${error ? " is-wrong" : ""}`}
      onDragEnter=${over} onDragOver=${over} onDragLeave=${over} onDrop=${drop}>
      <input id=${id} type="file" accept=${ACCEPT} aria-describedby=${`${id}-limits${error ? ` ${id}-error` : ""}`} aria-invalid=${error ? "true" : undefined}
        onChange=${(event) => event.target.files[0] && onFile(event.target.files[0])} />
      <label for=${id}>
        <${Icon} name=${file ? "jobs" : "upload"} size=${28} />
        <span class="drop-title">${file ? file.name : t("jobs.drop")}</span>
        <span class="drop-more">${file ? t("jobs.chosen", { size: bytes(file.size) }) : t("jobs.choose")}</span>
      </label>
      <div class="drop-limits" id=${`${id}-limits`}>
        <p>${rows}</p>
        <p>${t("jobs.formats", { formats: FORMATS.join(" "), compressible: COMPRESSIBLE.join(" "), compressions: COMPRESSIONS.join(" ") })}</p>
        <p>${t("jobs.most", { size: bytes(most) })}</p>
      </div>
    </div>
    ${error && html`<${Wrong} id=${`${id}-error`} text=${error} />`}
  `;
}
