/** Starts the page. */
import { Shell } from "./shell.js";
import { settings } from "./session.js";
import { texts } from "./text.js";
import { html, render } from "./ui.js";

// `.../console` and `.../console/` both show the page; with the slash, `#/jobs` stays on it.
if (location.pathname !== new URL(document.baseURI).pathname) history.replaceState(null, "", document.baseURI + location.hash);

await texts("shell");
const app = document.getElementById("app");
app.replaceChildren();
render(html`<${Shell} settings=${settings} />`, app);
