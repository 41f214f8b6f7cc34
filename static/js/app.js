// The one module that pages load: it opens what is on the page, now and after a swap.

import * as autosave from "./autosave.js";
import * as chart from "./chart.js";
import * as desk from "./desk.js";
import "./keys.js";
import { notify, word } from "./page.js";
import * as plots from "./plots.js";
import * as ticks from "./ticks.js";

const GOOD_NEWS_MS = 8000;

function openDesk() {
  const root = document.getElementById("work");
  if (!root) return;
  desk.open(root);
  autosave.open(root);
  ticks.open(root);
}

// htmx ---------------------------------------------------------------------------------

document.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = event;
  // A whole page in answer to a part's request (a redirect was followed): take the part.
  const whole = /^\s*<!doctype/i.test(detail.xhr.responseText);
  if (whole && detail.target.id) detail.selectOverride = `#${detail.target.id}`;
  // A refusal is added to the notices, whatever way the refused form is swapped.
  if (detail.target.id === "notices") detail.swapOverride = "beforeend";
  keepOpenDetails(detail.target);
  if (detail.target.id === "work" && detail.shouldSwap) {
    // htmx would put the focus into the next pair's text, and a key meant for the desk
    // would be typed there.
    document.activeElement?.blur();
    autosave.close({ submitted: detail.xhr.status < 400 });
    ticks.close();
  }
});

document.addEventListener("htmx:afterSettle", (event) => {
  reopenDetails();
  // Going back in the browser settles without a target.
  if (event.detail.target?.id === "work") {
    openDesk();
    const heading = document.querySelector("#work h1");
    heading?.focus({ preventScroll: true });
  }
  chart.refresh();
  plots.draw();
});

// A drawer whose form was taken has done its work.
document.addEventListener("htmx:afterRequest", (event) => {
  const drawer = event.target.closest?.(".drawer[open]");
  if (drawer && event.detail.successful) drawer.open = false;
});

// An address that is worth sending on names only the filters that are set.
document.addEventListener("htmx:configRequest", (event) => {
  const { parameters, verb } = event.detail;
  if (verb !== "get" || !event.target.matches(".filters")) return;
  for (const name of Object.keys(parameters)) {
    if (parameters[name] === "") delete parameters[name];
  }
});

document.addEventListener("htmx:sendError", () => notify(word("offline"), "error"));
document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  if (![403, 409, 422].includes(status)) notify(word("serverError"), "error");
});

// A part that polls is replaced whole; what the person unfolded stays unfolded.
let unfolded = [];

function keepOpenDetails(target) {
  unfolded = [...target.querySelectorAll("details[id][open]")].map(({ id }) => id);
}

function reopenDetails() {
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  unfolded = [];
}

// Theme, notices, copying ---------------------------------------------------------------

function switchTheme() {
  const root = document.documentElement;
  const dark = getComputedStyle(root).colorScheme === "dark" || systemIsDark(root);
  root.dataset.theme = dark ? "light" : "dark";
  try {
    localStorage.setItem("coachlm:theme", root.dataset.theme);
  } catch {
    // It holds for this page only.
  }
  chart.repaint();
  plots.draw();
}

function systemIsDark(root) {
  return !root.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches;
}

async function copy(button) {
  const text = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(text.value ?? text.textContent);
    notify(word("copied"), "success");
  } catch {
    text.select?.();
  }
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-theme-switch]")) switchTheme();
  event.target.closest("[data-dismiss]")?.closest(".notice").remove();
  const copying = event.target.closest("[data-copy]");
  if (copying) copy(copying);
});

document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

const notices = document.getElementById("notices");
function letGoodNewsLeave() {
  for (const notice of notices.querySelectorAll(".success:not([data-leaves])")) {
    notice.dataset.leaves = "true";
    setTimeout(() => notice.matches(":hover, :focus-within") || notice.remove(), GOOD_NEWS_MS);
  }
}
new MutationObserver(letGoodNewsLeave).observe(notices, { childList: true });
letGoodNewsLeave();

document
  .querySelector(".bar nav [aria-current]")
  ?.scrollIntoView({ block: "nearest", inline: "center" });

openDesk();
chart.refresh();
plots.draw();
