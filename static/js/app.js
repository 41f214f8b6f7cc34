// The one module that pages load: it opens what is on the page, now and after a swap.

import * as deeds from "./deeds.js";
import * as ahead from "./ahead.js";
import * as away from "./away.js";
import * as autosave from "./autosave.js";
import * as charts from "./charts.js";
import * as comments from "./comments.js";
import * as desk from "./desk.js";
import * as drafts from "./drafts.js";
import "./keys.js";
import { notify, word } from "./page.js";
import "./palette.js";
import * as session from "./session.js";
import * as ticks from "./ticks.js";

const GOOD_NEWS_MS = 8000;

function openDesk() {
  const root = document.getElementById("work");
  if (!root) return;
  deeds.open(root);
  desk.open(root);
  drafts.open(root);
  autosave.open(root);
  ticks.open(root);
  ahead.open(root);
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
  detail.serverResponse = ahead.whole(detail.xhr, detail.serverResponse);
  if (detail.target.id === "work" && detail.shouldSwap) {
    // htmx would put the focus into the next pair's text, and a key meant for the desk
    // would be typed there.
    document.activeElement?.blur();
    autosave.close({ isKept: isKept(detail) });
    ticks.close();
  }
});

/** Whether the server has the texts of the desk that leaves: it says so of this deed. */
function isKept({ deed, requestConfig, xhr }) {
  const hasTexts = ["submit", "verdict"].includes(requestConfig.elt.dataset?.deed);
  return hasTexts && (deed === "done" || (deed === "refused" && xhr.status === 409));
}

document.addEventListener("htmx:afterSettle", (event) => {
  reopenDetails();
  comments.open();
  leaveInTime();
  letSlide();
  // Going back in the browser settles without a target.
  if (event.detail.target?.id === "work") {
    openDesk();
    const heading = document.querySelector("#work h1");
    heading?.focus({ preventScroll: true });
  }
  charts.draw();
});

// A drawer whose form was taken has done its work.
document.addEventListener("htmx:afterRequest", (event) => {
  const drawer = event.target.closest?.(".drawer[open]:not(.threads-drawer)");
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

document.addEventListener("htmx:sendError", ({ detail }) => {
  if (!deeds.isWaiting(detail.requestConfig.elt)) away.unreachable();
});
document.addEventListener("htmx:responseError", ({ detail }) => {
  const { status, responseText } = detail.xhr;
  if (deeds.isWaiting(detail.requestConfig.elt) || away.isAway(detail.xhr)) return;
  if (session.isOver(status, responseText)) session.recover();
  else if (![403, 409, 422].includes(status)) notify(word("serverError"), "error");
});

/** What can be done for a while only goes when the while is over. */
function leaveInTime() {
  for (const note of document.querySelectorAll("[data-leaves-in]")) {
    setTimeout(() => note.remove(), 1000 * Number(note.dataset.leavesIn));
    note.removeAttribute("data-leaves-in");
  }
}

// A part that polls is replaced whole; what the person unfolded stays unfolded.
let unfolded = [];

function keepOpenDetails(target) {
  unfolded = [...target.querySelectorAll("details[id][open]")].map(({ id }) => id);
}

function reopenDetails() {
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  unfolded = [];
}

// Passkeys ------------------------------------------------------------------------------

// allauth's scripts say what went wrong to the console alone.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const { hostname, port, protocol } = location;
  const isNumber = /^[\d.]+$|:/.test(hostname);
  const address = `${protocol}//localhost${port && `:${port}`}`;
  if (isNumber) notify(word("passkeyAddress", { address }), "error");
  else notify(word("passkeyNot"), "error");
});

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
  charts.repaint();
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

const SENT_MS = 3000;

document.addEventListener("submit", (event) => {
  const { target: form } = event;
  const question = form.dataset.confirm;
  if (form.dataset.sent || (question && !window.confirm(question))) event.preventDefault();
  // A plain form is sent once, however often its button is clicked.
  else if (form.method === "post" && !form.hasAttribute("hx-post")) {
    form.dataset.sent = "true";
    setTimeout(() => delete form.dataset.sent, SENT_MS);
  }
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
  .querySelector(".sub-bar [aria-current]")
  ?.scrollIntoView({ block: "nearest", inline: "center" });

// A menu of the bar closes when the person goes on elsewhere.
function closeMenus(event) {
  for (const menu of document.querySelectorAll(".menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
}
document.addEventListener("click", closeMenus);
document.addEventListener("focusin", closeMenus);

/** What is wider than its place can be slid with the keyboard, too. */
function letSlide() {
  for (const place of document.querySelectorAll(".scroll, .wide-table")) {
    if (place.scrollWidth > place.clientWidth) place.tabIndex = 0;
    else place.removeAttribute("tabindex");
  }
}
addEventListener("resize", letSlide);

openDesk();
leaveInTime();
charts.draw();
letSlide();
