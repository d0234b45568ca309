/** The frame of every view: header, navigation, access, language and theme; the route says which view is inside. */
import { Icon } from "./parts/icon.js";
import { Busy, Failure, Guard } from "./parts/states.js";
import { Problem } from "./problem.js";
import { parse } from "./route.js";
import { credentials, key, lacks, subscribe as subscribeSession, subscribeWishes } from "./session.js";
import { LANGUAGES, language, setLanguage, subscribe as subscribeText, t, texts } from "./text.js";
import { nextTheme, theme, turnTo } from "./theme.js";
import { html, useChanges, useEffect, useLayoutEffect, useRef, useState } from "./ui.js";

const VIEWS = {
  playground: { href: "#/", load: () => import("./playground/view.js") },
  jobs: { href: "#/jobs", load: () => import("./jobs/view.js") },
  models: { href: "#/models", load: () => import("./models/view.js") },
  activity: { href: "#/activity", load: () => import("./activity/view.js") },
};

const access = () => import("./access.js");

/** The page. */
export function Shell({ settings }) {
  useChanges(subscribeSession);
  useChanges(subscribeText);
  const route = useRoute();
  const [asked, setAsked] = useState("");
  useEffect(() => subscribeWishes(setAsked), []);
  useEffect(() => {
    document.documentElement.lang = language() === "zh" ? "zh-Hans" : language();
  });
  return html`
    <header class="top">
      <a class="skip" href=${`#${route.path}`} onClick=${toMain}>${t("shell.skip")}</a>
      <a class="brand" href="#/"><${Mark} /><span>ortless</span></a>
      ${settings.stage && html`<span class="stage" title=${[settings.region, settings.version].filter(Boolean).join(" · ")}>${settings.stage}</span>`}
      <nav aria-label=${t("shell.navigation")}>
        ${Object.entries(VIEWS).map(([name, view]) => html`<a key=${name} href=${view.href} aria-current=${isIn(route, name) ? "page" : undefined}>
            <${Icon} name=${name} /><span>${t(`shell.view.${name}`)}</span>
          </a>`)}
      </nav>
      <div class="tools"><${Tools} settings=${settings} onAsk=${setAsked} /></div>
    </header>
    <main id="main" tabindex="-1"><${Gate} route=${route} /></main>
    ${asked && html`<${Lazily} load=${access} draw=${({ AccessDialog }) => html`<${AccessDialog} what=${asked} onClose=${() => setAsked("")} />`} />`}
  `;
}

function Tools({ settings, onAsk }) {
  const [shown, setShown] = useState(theme());
  const turn = () => setShown(turnTo(nextTheme(shown)));
  const other = Object.keys(LANGUAGES).find((name) => name !== language());
  const dot = (is) => html`<span class=${`dot ${is ? "is-on" : ""}`} aria-hidden="true"></span>`;
  return html`
    ${settings.auth !== "iam" && html`<button type="button" class="bare" onClick=${() => onAsk("key")} title=${t("shell.key")} aria-label=${`${t("shell.key")}: ${t(key() ? "shell.key.set" : "shell.key.unset")}`}>
      <${Icon} name="key" /><span class="tool-word">${t("shell.key")}</span>${dot(key())}
    </button>`}
    ${settings.auth === "iam" && html`<button type="button" class="bare" onClick=${() => onAsk("credentials")} title=${t("shell.credentials")} aria-label=${t("shell.credentials")}>
      <${Icon} name="key" /><span class="tool-word">${t("shell.credentials")}</span>${dot(credentials())}
    </button>`}
    <button type="button" class="bare" lang=${other} onClick=${() => setLanguage(other)} aria-label=${LANGUAGES[other]}>
      <${Icon} name="language" /><span class="tool-word">${LANGUAGES[other]}</span>
    </button>
    <button type="button" class="bare" onClick=${turn} title=${t(`shell.theme.${shown}`)} aria-label=${`${t("shell.theme")}: ${t(`shell.theme.${shown}`)}`}>
      <${Icon} name=${shown} />
    </button>
  `;
}

/** The view, once whatever every call needs has been entered. */
function Gate({ route }) {
  const missing = lacks();
  if (!missing) return html`<${View} route=${route} />`;
  return html`<section class="gate">
    <${Mark} size=${44} />
    <h1>${t("shell.gate.title")}</h1>
    <p class="lead">${t(`shell.gate.${missing}`)}</p>
    <div class="card"><${Lazily} load=${access} draw=${({ Access }) => html`<${Access} what=${missing} />`} /></div>
  </section>`;
}

function View({ route }) {
  if (route.view === "missing") {
    return html`<h1 class="offscreen">${t("shell.problem.missing")}</h1>
      <${Failure} problem=${new Problem("missing", t("shell.nowhere", { path: route.path }))}><p><a href="#/">${t("shell.view.playground")}</a></p></${Failure}>`;
  }
  const load = async () => (await Promise.all([VIEWS[route.view].load(), texts(route.view)]))[0];
  return html`<${Lazily} key=${route.view} load=${load} draw=${({ view: Found }) => html`<${Guard} key=${route.path}><${Found} route=${route} /></${Guard}>`} />`;
}

/** What a module draws, as soon as it is there; a module that cannot be had is a problem like others. */
export function Lazily({ load, draw }) {
  const [{ module, problem }, setState] = useState({});
  const fetch = () => {
    setState({});
    load().then((found) => setState({ module: found }), (fault) => setState({ problem: Problem.from(fault) }));
  };
  useEffect(fetch, []);
  if (problem) return html`<${Failure} problem=${problem} retry=${() => location.reload()} />`;
  return module ? draw(module) : html`<${Busy} />`;
}

/** The present route; a new one starts at the top, and focus goes to what is new. */
function useRoute() {
  const [route, setRoute] = useState(() => parse(location.hash));
  const first = useRef(true);
  useEffect(() => {
    const follow = () => setRoute(parse(location.hash));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  useLayoutEffect(() => {
    if (!first.current) {
      scrollTo(0, 0);
      toMain();
    }
    first.current = false;
  }, [route.path]);
  return route;
}

function isIn(route, name) {
  return route.view === name;
}

function toMain(event) {
  event?.preventDefault();
  document.getElementById("main")?.focus({ preventScroll: true });
}

function Mark({ size = 24 }) {
  return html`<svg class="mark" viewBox="0 0 24 24" width=${size} height=${size} aria-hidden="true" focusable="false">
    <path d="M5 5.500L12 12M5 18.500L12 12M5 12h14" />
    <circle cx="5" cy="5.5" r="2.1" /><circle cx="5" cy="12" r="2.1" /><circle cx="5" cy="18.5" r="2.1" />
    <circle class="mark-answer" cx="18" cy="12" r="3.6" />
  </svg>`;
}
