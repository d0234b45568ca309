/** Tabs as the ARIA practices have them: arrow keys, Home and End move, the selected one is in the tab order. */
import { html, useId, useRef, useState } from "../ui.js";

/** `tabs`: `[{ id, label, content: () => vnode }]`; `label` names the list. */
export function Tabs({ label, tabs, selected, onSelect, extra }) {
  const [own, setOwn] = useState(tabs[0]?.id);
  const name = useId();
  const list = useRef(null);
  const shown = tabs.find((tab) => tab.id === (selected ?? own)) ?? tabs[0];
  const select = (tab) => (setOwn(tab.id), onSelect?.(tab.id));
  const move = (event) => {
    const index = tabs.indexOf(shown);
    const to = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = (to + tabs.length) % tabs.length;
    select(tabs[next]);
    list.current.children[next].focus();
  };
  if (!shown) return null;
  return html`<div class="tabs">
    <div class="tabs-head">
      <div role="tablist" aria-label=${label} ref=${list} onKeyDown=${move}>
        ${tabs.map((tab) => html`<button
            type="button"
            role="tab"
            key=${tab.id}
            id=${`${name}-${tab.id}`}
            aria-selected=${tab === shown ? "true" : "false"}
            aria-controls=${`${name}-panel`}
            tabindex=${tab === shown ? 0 : -1}
            onClick=${() => select(tab)}
          >${tab.label}</button>`)}
      </div>
      ${extra}
    </div>
    <div role="tabpanel" id=${`${name}-panel`} aria-labelledby=${`${name}-${shown.id}`}>${shown.content()}</div>
  </div>`;
}
