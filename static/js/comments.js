// Comments as threads: what is typed stays in this browser until the server has it, names
// are completed and checked, and a passage that was selected goes along.

import { forget, keys, read, write } from "./storage.js";

const PREFIX = "coachlm:comment:";
const KEEP_MS = 14 * 24 * 3600 * 1000;
const SELECTED_MS = 60_000;
const MOST_NAMES = 6;
const QUOTED = 500;
const BEGUN = /(?:^|[^\w])@([\p{L}\p{N}_.@+-]*)$/u;
const NAMED = /(?<![A-Za-z0-9_])@([\p{L}\p{N}_.@+-]+)/gu;

let selected = null;
let wanted = false;

/** Forms of comments have come onto the page: give them what was typed before. */
export function open() {
  for (const form of document.querySelectorAll("[data-comment]:not([data-opened])")) {
    form.dataset.opened = "true";
    putBack(form);
  }
  if (!wanted) return;
  const form = document.querySelector("#threads[open] [data-comment=new]");
  if (!form) return;
  wanted = false;
  quoteSelection(form);
  form.elements.body.focus({ preventScroll: true });
}

// What is typed ---------------------------------------------------------------------------

function key(form) {
  const { threads } = form.closest("[data-threads]").dataset;
  return `${PREFIX}${document.body.dataset.person}:${threads}:${form.dataset.comment}`;
}

function keep(form) {
  const { body, field, quote } = form.elements;
  if (!body.value.trim()) return forget(key(form));
  write(key(form), { body: body.value, field: field?.value, quote: quote?.value, at: Date.now() });
}

function putBack(form) {
  const kept = read(key(form));
  if (!kept) return;
  form.elements.body.value = kept.body;
  if (form.elements.field) form.elements.field.value = kept.field ?? "";
  if (kept.quote) showQuote(form, kept.quote);
  form.closest("details.answer")?.setAttribute("open", "");
}

function prune() {
  for (const each of keys(PREFIX)) {
    if (Date.now() - (read(each)?.at ?? 0) > KEEP_MS) forget(each);
  }
}

document.addEventListener("input", ({ target }) => {
  const form = target.closest?.("[data-comment]");
  if (!form) return;
  keep(form);
  if (target.name === "body") complete(target);
});

// The server has it: asked before the answer takes the form's place.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const form = detail.requestConfig?.elt;
  if (form?.matches?.("[data-comment]") && detail.xhr.status === 200) forget(key(form));
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-comment]")) return;
  if (!warnsOfUnknown(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, { capture: true });

// Names -----------------------------------------------------------------------------------

function names(form) {
  const { names: all } = form.closest("[data-threads]").dataset;
  return all.split(" ").map((name) => name.slice(1)).filter(Boolean);
}

/** Whether a name in the text is nobody's, and the person has not been told of it yet. */
function warnsOfUnknown(form) {
  const known = names(form);
  const unknown = [...form.elements.body.value.matchAll(NAMED)]
    .map(([, name]) => name)
    .filter((name) => !known.some((each) => isNamed(name, each)));
  const note = form.querySelector("[data-unknown-note]");
  const told = unknown.map((name) => `@${name}`).join(", ");
  note.hidden = !told;
  if (!told || form.dataset.told === told) return false;
  form.dataset.told = told;
  note.textContent = form.closest("[data-threads]").dataset.unknown.replace("{names}", told);
  return true;
}

function isNamed(typed, name) {
  return typed.startsWith(name) && !/^[A-Za-z0-9_]/.test(typed.slice(name.length));
}

function complete(box) {
  close(box.form);
  const [, begun] = BEGUN.exec(box.value.slice(0, box.selectionStart)) ?? [];
  if (begun === undefined) return;
  const fits = (name) => name.toLowerCase().startsWith(begun.toLowerCase()) && name !== begun;
  const found = names(box.form).filter(fits).slice(0, MOST_NAMES);
  if (!found.length) return;
  const list = document.createElement("ul");
  list.className = "completions";
  list.id = "completions";
  list.setAttribute("role", "listbox");
  list.append(...found.map((name, n) => option(name, n)));
  box.after(list);
  box.setAttribute("aria-controls", list.id);
  choose(box, list, 0);
}

function option(name, number) {
  const item = document.createElement("li");
  item.id = `completion-${number}`;
  item.setAttribute("role", "option");
  item.textContent = name;
  return item;
}

function choose(box, list, number) {
  const all = [...list.children];
  const chosen = all.at(number % all.length);
  for (const each of all) each.setAttribute("aria-selected", String(each === chosen));
  box.setAttribute("aria-activedescendant", chosen.id);
}

function take(box, name) {
  const [, begun] = BEGUN.exec(box.value.slice(0, box.selectionStart));
  box.setRangeText(`${name} `, box.selectionStart - begun.length, box.selectionStart, "end");
  close(box.form);
  keep(box.form);
}

function close(form) {
  form.querySelector(".completions")?.remove();
  form.elements.body.removeAttribute("aria-activedescendant");
  form.elements.body.removeAttribute("aria-controls");
}

document.addEventListener("keydown", (event) => {
  const box = event.target;
  const list = box.closest?.("[data-comment]")?.querySelector(".completions");
  if (!list || event.isComposing) return;
  const all = [...list.children];
  const at = all.findIndex((each) => each.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown") choose(box, list, at + 1);
  else if (event.key === "ArrowUp") choose(box, list, at - 1);
  else if (event.key === "Enter" || event.key === "Tab") take(box, all[at].textContent);
  else if (event.key === "Escape") close(box.form);
  else return;
  event.preventDefault();
  event.stopPropagation();
}, { capture: true });

document.addEventListener("mousedown", (event) => {
  const item = event.target.closest?.(".completions li");
  if (!item) return;
  event.preventDefault();
  const { body } = item.closest("form").elements;
  take(body, item.textContent);
});

// The passage -----------------------------------------------------------------------------

document.addEventListener("selectionchange", () => {
  const { activeElement: box } = document;
  const inText = box?.matches?.(".part textarea");
  const range = document.getSelection();
  const node = inText ? box : range.anchorNode?.parentElement;
  const part = node?.closest?.(".part[data-field]");
  const text = inText ? box.value.slice(box.selectionStart, box.selectionEnd) : String(range);
  if (part && text.trim()) selected = { field: part.dataset.field, text, at: Date.now() };
});

function quoteSelection(form) {
  if (!selected || Date.now() - selected.at > SELECTED_MS || form.elements.body.value) return;
  form.elements.field.value = selected.field;
  showQuote(form, selected.text.trim().slice(0, QUOTED));
  selected = null;
}

function showQuote(form, quote) {
  form.elements.quote.value = quote;
  const shown = form.querySelector("[data-quoted]");
  shown.querySelector("blockquote").textContent = quote;
  shown.hidden = !quote;
}

document.addEventListener("toggle", ({ target }) => {
  if (target.id !== "threads" || !target.open) return;
  wanted = true;
  open();
}, { capture: true });

document.addEventListener("click", ({ target }) => {
  const unquoting = target.closest?.("[data-unquote]");
  if (unquoting) showQuote(unquoting.closest("form"), "");
  if (target.closest?.("[data-close-drawer]")) {
    const drawer = target.closest("details");
    drawer.open = false;
    drawer.querySelector("summary").focus({ preventScroll: true });
  }
});

prune();
open();
