// A deed is a form that moves a pair: submit, exclude, skip, a verdict, giving back, undo.
// It is done when the server's answer names its token, and not before: whatever else
// comes back (a login page, a refusal, nothing), the desk stays as it is, and the deed is
// sent again under the same token, which the server does once.

import { lock } from "./elsewhere.js";
import { tab, word } from "./page.js";
import * as session from "./session.js";

const STEADY_MS = 500;
const RETRY_MS = [1000, 2000, 4000, 8000, 15_000];
const MOST_STRANGE = 3;

let shownAt = Infinity;
let pressedAt = 0;
let submitter = null;
let deed = null;

/** A pair has come to the desk: deeds count when it has been on screen for a while. */
export function open(root) {
  shownAt = Infinity;
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      shownAt = performance.now();
      setTimeout(() => (root.dataset.steady = "true"), STEADY_MS);
    }),
  );
}

// Too early --------------------------------------------------------------------------

document.addEventListener("mousedown", note, { capture: true });
function note({ detail, timeStamp }) {
  if (detail <= 1) pressedAt = timeStamp;
}

/** A press that belongs to the pair before: begun before this one had been seen. */
function isEarly({ detail, timeStamp }) {
  return (detail >= 1 ? pressedAt : timeStamp) - shownAt < STEADY_MS;
}

document.addEventListener(
  "click",
  (event) => {
    const acts = event.target.closest("#work :is(button, summary, .hunk)");
    if (acts && !acts.closest("[data-waiting]") && isEarly(event)) stop(event);
  },
  { capture: true },
);

document.addEventListener(
  "submit",
  (event) => {
    if (!event.target.matches("form[data-deed]") || event.target.dataset.again) return;
    submitter = event.submitter;
    // One at a time; and Enter in a field submits without a click.
    if (deed?.waits || event.timeStamp - shownAt < STEADY_MS) stop(event);
  },
  { capture: true },
);

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

// Sending ----------------------------------------------------------------------------

const UNSAID = new Set(["ahead", "csrfmiddlewaretoken", "base_revision", "deed", "tab"]);

document.addEventListener("htmx:configRequest", ({ detail }) => {
  const { elt: form, formData } = detail;
  if (!form.matches?.("form[data-deed]")) return;
  if (form.dataset.again) put(formData, deed.said);
  else deed = { form, submitter, said: said(formData), token: crypto.randomUUID(), tries: 0, strange: 0 };
  formData.set("deed", deed.token);
  formData.set("tab", tab);
});

function said(formData) {
  return [...formData.entries()].filter(([name]) => !UNSAID.has(name));
}

/** The very same again: htmx forgets which button was pressed. */
function put(formData, entries) {
  for (const name of [...formData.keys()]) if (!UNSAID.has(name)) formData.delete(name);
  for (const [name, value] of entries) formData.append(name, value);
}

/** What an answer says about the deed: "done", "refused", or "" if it is not about it. */
function answered(xhr) {
  if (xhr.getResponseHeader("X-Deed-Done") === deed.token) return "done";
  return xhr.getResponseHeader("X-Deed-Refused") === deed.token ? "refused" : "";
}

document.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
  if (!deed || detail.requestConfig.elt !== deed.form) return;
  detail.deed = answered(detail.xhr);
  if (detail.deed) settle();
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  // From here until it has been seen, nothing decides the pair that comes: htmx has not
  // taken up its forms yet, and the browser would send them by itself.
  if (detail.target.id === "work" && detail.shouldSwap && detail.deed !== "") shownAt = Infinity;
  if (detail.deed !== "") return;
  detail.shouldSwap = false;
  wait(detail.xhr);
});

for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, ({ detail }) => {
    if (deed && detail.requestConfig?.elt === deed.form) wait({ status: 0 });
  });
}

/** Whether this form's deed waits to be sent again: then the page speaks of it already. */
export function isWaiting(form) {
  return Boolean(deed?.waits && deed.form === form);
}

function settle() {
  clearTimeout(deed.timer);
  delete deed.form.dataset.again;
  if (deed.waits) release();
  deed = null;
}

// Waiting ----------------------------------------------------------------------------

function wait({ status, responseText }) {
  const mine = deed;
  mine.waits = true;
  lock(true);
  const isStrange = status >= 200 && status < 400;
  if (isStrange) mine.strange += 1;
  if (session.isOver(status, responseText) || (isStrange && mine.strange <= MOST_STRANGE)) {
    say("deedSignIn");
    session.recover().then((how) => {
      if (mine !== deed) return;
      if (how === "back") again();
      else if (how === "offline") later();
    });
  } else if (status === 0 || status >= 500 || status === 408 || status === 429) {
    say(status ? "deedServer" : "deedOffline");
    later();
  } else {
    say("deedRefused", { status });
  }
}

function later() {
  const pause = RETRY_MS[Math.min(deed.tries, RETRY_MS.length - 1)];
  deed.tries += 1;
  clearTimeout(deed.timer);
  deed.timer = setTimeout(again, pause);
}

function again() {
  if (!deed?.waits) return;
  clearTimeout(deed.timer);
  deed.form.dataset.again = "true";
  deed.form.requestSubmit(deed.submitter?.isConnected ? deed.submitter : undefined);
}

function say(name, values = {}) {
  const work = document.getElementById("work");
  let banner = work.querySelector("[data-waiting]");
  if (!banner) {
    banner = document.getElementById("waiting-shape").content.firstElementChild.cloneNode(true);
    work.querySelector(".desk-head, h1").after(banner);
    banner.scrollIntoView({ block: "nearest" });
  }
  banner.querySelector("p").textContent = word(name, values);
}

function release() {
  deed.waits = false;
  document.querySelector("#work [data-waiting]")?.remove();
  lock(false);
}

document.addEventListener("click", (event) => {
  if (!deed?.waits) return;
  if (event.target.closest("[data-send-now]")) {
    deed.strange = 0;
    again();
  }
  if (event.target.closest("[data-send-not]")) settle();
});

window.addEventListener("online", again);
window.addEventListener("beforeunload", (event) => {
  if (deed?.waits) event.preventDefault();
});
