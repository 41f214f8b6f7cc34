// The drafts of a pair as tabs. All of them stand in the one editor, over the same raw
// text; what was typed into one waits in this browser while another is looked at.

import * as desk from "./desk.js";
import { word } from "./page.js";
import { fromRows } from "./pieces.js";
import { forget, read, write } from "./storage.js";

export const PREFIX = "coachlm:drafts:";

let pair = null;

export function open(root) {
  pair = null;
  const form = root.querySelector("#work-form");
  if (!form?.elements.draft) return;
  const { person, lease } = form.dataset;
  pair = { root, form, key: `${PREFIX}${person}:${lease}`, count: 0 };
  root.addEventListener("click", clicked);
  root.addEventListener("keydown", pressed);
  show();
}

/** The pair has left the page, and the server has its text. */
export function close() {
  if (pair) forget(pair.key);
  pair = null;
}

function tabs() {
  return [...pair.root.querySelectorAll('[role="tab"]')];
}

function shown() {
  return tabs().find((tab) => tab.value === pair.form.elements.draft.value);
}

/** Say which draft is in the editor: on the tabs and on the button that accepts it. */
function show() {
  const all = tabs();
  const current = shown();
  for (const tab of all) {
    tab.setAttribute("aria-selected", String(tab === current));
    tab.tabIndex = tab === (current ?? all[0]) ? 0 : -1;
  }
  const panel = pair.root.querySelector("#draft-panel");
  if (current) {
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", current.id);
    name(current.dataset.number);
  }
  if (all.length > pair.count && pair.count) {
    const { number } = all.at(-1).dataset;
    pair.root.querySelector("[data-drafts-said]").textContent = word("draftThere", { n: number });
  }
  pair.count = all.length;
}

function name(number) {
  const accept = pair.root.querySelector("[data-accepts]");
  accept.querySelector("span").textContent = accept.dataset.accepts.replace("{n}", number);
  accept.hidden = false;
  for (const button of pair.root.querySelectorAll("[data-restore=draft]")) button.hidden = false;
  desk.refreshEdited(pair.form);
}

/** Put another draft into the editor; what was typed over the one before stays its own. */
export function choose(draft) {
  const tab = pair && tabs().find((one) => one.value === draft);
  const { form } = pair ?? {};
  if (!tab || tab === shown() || form.querySelector("textarea").readOnly) return;
  form.dispatchEvent(new Event("draft:leave"));
  const kept = read(pair.key)?.pieces ?? {};
  kept[form.elements.draft.value] = desk.pieces();
  write(pair.key, { pieces: kept, at: Date.now() });
  form.elements.draft.value = draft;
  desk.load(kept[draft] ?? fresh(tab));
  show();
  form.dispatchEvent(new Event("draft:come"));
}

function fresh(tab) {
  const rows = JSON.parse(tab.dataset.rows);
  return Object.fromEntries(Object.entries(rows).map(([field, each]) => [field, fromRows(each)]));
}

function clicked(event) {
  const tab = event.target.closest('[role="tab"]');
  if (tab) {
    event.preventDefault();
    choose(tab.value);
  } else if (event.target.closest("[data-next-draft]")) {
    choose(beside(1).value);
  }
}

function beside(step) {
  const all = tabs();
  return all[(all.indexOf(shown()) + step + all.length) % all.length];
}

/** On the tabs: arrows, Home and End, and the digits that they show. */
function pressed(event) {
  if (!event.target.matches('[role="tab"]') || event.ctrlKey || event.metaKey || event.altKey) return;
  const all = tabs();
  const places = { ArrowRight: () => beside(1), ArrowLeft: () => beside(-1), Home: () => all[0], End: () => all.at(-1) };
  const tab = places[event.key]?.() ?? all.find(({ dataset }) => dataset.number === event.key);
  if (!tab) return;
  event.preventDefault();
  choose(tab.value);
  tab.focus();
}

// The list comes anew while the coach writes: nothing else on the desk moves.
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (pair && detail.target.id === "candidates") show();
});
