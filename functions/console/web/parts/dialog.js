/** A modal dialog: the browser's own, so that focus stays inside and returns to where it was. */
import { html, useEffect, useId, useRef } from "../ui.js";
import { t } from "../text.js";
import { Icon } from "./icon.js";

/**
 * Open while it is mounted; `onClose` is called for Escape, the cross and a click beside it.
 * `actions` are the buttons at its foot.
 */
export function Dialog({ title, onClose, actions, children, wide = false }) {
  const dialog = useRef(null);
  const name = useId();
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element.showModal();
    return () => {
      element.close();
      before?.focus?.();
    };
  }, []);
  const beside = (event) => event.target === dialog.current && onClose();
  return html`<dialog
    ref=${dialog}
    class=${wide ? "wide" : ""}
    aria-labelledby=${name}
    onCancel=${(event) => (event.preventDefault(), onClose())}
    onMouseDown=${beside}
  >
    <div class="dialog">
      <header>
        <h2 id=${name}>${title}</h2>
        <button type="button" class="bare" aria-label=${t("shell.close")} onClick=${onClose}><${Icon} name="close" /></button>
      </header>
      <div class="dialog-body">${children}</div>
      ${actions && html`<footer class="actions">${actions}</footer>`}
    </div>
  </dialog>`;
}
