/** Entering the API key or AWS credentials: as the page's first step, and in a dialog from anywhere. */
import { Dialog } from "./parts/dialog.js";
import { Field } from "./parts/field.js";
import { credentials, isRemembered, key, setCredentials, setKey, settings } from "./session.js";
import { t } from "./text.js";
import { html, useState } from "./ui.js";

/** The form of "key" or of "credentials"; `onDone` when something was entered or forgotten. */
export function Access({ what, onDone = () => {} }) {
  return what === "credentials" ? html`<${CredentialsForm} onDone=${onDone} />` : html`<${KeyForm} onDone=${onDone} />`;
}

/** The same in a dialog. */
export function AccessDialog({ what, onClose }) {
  return html`<${Dialog} title=${t(`shell.enter.${what}`)} onClose=${onClose}><${Access} what=${what} onDone=${onClose} /></${Dialog}>`;
}

function KeyForm({ onDone }) {
  const [value, setValue] = useState(key());
  const [remember, setRemember] = useState(isRemembered());
  const enter = (event) => {
    event.preventDefault();
    setKey(value, { remember });
    onDone();
  };
  const forget = () => {
    setKey("");
    onDone();
  };
  return html`<form class="access" onSubmit=${enter}>
    <${Field} label=${t("shell.key")} hint=${t("shell.key.hint", { stage: settings.stage ?? "" })}>
      ${(tied) => html`<input
        type="password"
        name="api-key"
        autocomplete="off"
        spellcheck="false"
        required
        autofocus
        value=${value}
        onInput=${(event) => setValue(event.target.value)}
        ...${tied}
      />`}
    </${Field}>
    <label class="choice">
      <input type="checkbox" name="remember" checked=${remember} onChange=${(event) => setRemember(event.target.checked)} />
      <span>${t("shell.key.remember")}<small>${t("shell.key.remember.hint")}</small></span>
    </label>
    <div class="actions">
      <button type="submit" class="main">${t("shell.key.use")}</button>
      ${key() && html`<button type="button" class="quiet" onClick=${forget}>${t("shell.key.forget")}</button>`}
    </div>
  </form>`;
}

const PARTS = ["accessKeyId", "secretAccessKey", "sessionToken", "region"];
const SHOWN = ["accessKeyId", "region"];
const OPTIONAL = ["sessionToken"];

function CredentialsForm({ onDone }) {
  const [values, setValues] = useState(credentials() ?? { region: settings.region });
  const enter = (event) => {
    event.preventDefault();
    const { accessKeyId, secretAccessKey, sessionToken, region } = values;
    setCredentials({ accessKeyId, secretAccessKey, region, ...(sessionToken ? { sessionToken } : {}) });
    onDone();
  };
  const forget = () => {
    setCredentials(null);
    onDone();
  };
  return html`<form class="access" onSubmit=${enter}>
    <p class="lead">${t("shell.credentials.hint")}</p>
    ${PARTS.map((part) => html`<${Field} key=${part} label=${t(`shell.credentials.${part}`)}>
        ${(tied) => html`<input
          type=${SHOWN.includes(part) ? "text" : "password"}
          name=${part}
          autocomplete="off"
          spellcheck="false"
          required=${!OPTIONAL.includes(part)}
          value=${values[part] ?? ""}
          onInput=${(event) => setValues({ ...values, [part]: event.target.value.trim() })}
          ...${tied}
        />`}
      </${Field}>`)}
    <div class="actions">
      <button type="submit" class="main">${t("shell.credentials.use")}</button>
      ${credentials() && html`<button type="button" class="quiet" onClick=${forget}>${t("shell.credentials.forget")}</button>`}
    </div>
  </form>`;
}
