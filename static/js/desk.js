// The review desk: views, changes to decide on, and the guard before a decision that
// would drop an edit.

import { Field } from "./field.js";
import { post, word } from "./page.js";
import { read, write } from "./storage.js";

const VIEW = "coachlm:view:";
const VIEWS = {
  review: ["side", "inline", "final", "preview"],
  quality: ["raw", "changes"],
};
const UNDO_DEPTH = 200;

let desk = null;

export function open(root) {
  const kind = root.dataset.desk;
  if (!kind) return;
  desk = { root, kind, fields: [], decided: [], at: null };
  const form = root.querySelector("#work-form");
  if (form) {
    desk.fields = [...form.querySelectorAll(".part")].map((part) => new Field(part));
    form.addEventListener("input", () => refreshEdited(form));
    refreshEdited(form);
  }
  const kept = read(VIEW + kind);
  showView(VIEWS[kind].includes(kept) ? kept : VIEWS[kind][0]);
  root.addEventListener("click", clicked);
  root.addEventListener("keydown", pressed);
}

/** Texts came from elsewhere (this browser's memory): cut them into pieces anew. */
export function retyped() {
  for (const field of desk.fields) field.follow();
  refreshEdited(desk.root.querySelector("#work-form"));
}

/** The pieces of each field as they stand, by the field's name. */
export function pieces() {
  return Object.fromEntries(desk.fields.map((field) => [field.editor.name, field.pieces]));
}

/** Put another draft's pieces into the fields. */
export function load(byField) {
  for (const field of desk.fields) field.load(byField[field.editor.name]);
  desk.decided = [];
  desk.at = null;
  refreshEdited(desk.root.querySelector("#work-form"));
}

function clicked(event) {
  const at = (selector) => event.target.closest(selector);
  if (at("[data-view]")) showView(at("[data-view]").dataset.view);
  else if (at("[data-next-view]")) showView(nextView());
  else if (at("[data-restore]")) restore(at("[data-restore]"));
  else if (at("[data-hunk-act]")) ACTS[at("[data-hunk-act]").dataset.hunkAct]();
  else if (at("[data-open-part]")) openPart(at("[data-open-part]"));
  else if (at("[data-unfold]")) unfold(at("[data-unfold]"));
  else if (at(".hunk")) toggle(found(at(".hunk")));
}

function pressed(event) {
  const hunk = event.target.closest(".hunk");
  if (!hunk || (event.key !== "Enter" && event.key !== " ")) return;
  if (event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  toggle(found(hunk));
}

// Views --------------------------------------------------------------------------------

function nextView() {
  const views = VIEWS[desk.kind];
  return views[(views.indexOf(desk.view) + 1) % views.length];
}

function showView(view) {
  const { root, kind } = desk;
  desk.view = view;
  for (const name of VIEWS[kind]) root.classList.toggle(`${name}-view`, name === view);
  for (const button of root.querySelectorAll("[data-view]")) {
    button.setAttribute("aria-pressed", String(button.dataset.view === view));
  }
  write(VIEW + kind, view);
  if (view === "preview") preview(root);
}

async function preview(root) {
  const pane = root.querySelector("[data-preview]");
  const texts = {};
  for (const { editor } of desk.fields) texts[editor.name] = editor.value;
  try {
    const answer = await post(pane.dataset.preview, texts, { html: true });
    if (answer.ok) pane.innerHTML = await answer.text(); // made safe by the server
  } catch {
    pane.textContent = word("offline");
  }
}

/** A field that nobody has changed stands in one line, until it is opened or typed in. */
function openPart(button) {
  const part = button.closest(".part");
  delete part.dataset.folded;
  button.remove();
  part.querySelector("textarea").focus();
}

function unfold(button) {
  button.closest(".foldable").classList.remove("foldable");
  button.remove();
}

// Changes ------------------------------------------------------------------------------

/** Every change on the desk, in reading order. */
function changes() {
  return desk.fields.flatMap((field) => field.changes.map((piece) => ({ field, piece })));
}

function found(element) {
  const part = element.closest(".part");
  const field = desk.fields.find((one) => one.part === part);
  const piece = field.changes[Number(element.dataset.change)];
  desk.at = { field, piece };
  return desk.at;
}

/** The change that keys speak of: the one last gone to, else the first. */
function current() {
  const all = changes();
  const same = ({ field, piece }) =>
    field === desk.at?.field && (piece === desk.at.piece || (piece.hunk && piece.hunk === desk.at.piece.hunk));
  return all.findIndex(same);
}

function go(step) {
  const all = changes();
  if (!all.length) return;
  const from = current();
  const index = from < 0 ? (step > 0 ? 0 : all.length - 1) : (from + step + all.length) % all.length;
  desk.at = all[index];
  light();
}

function light() {
  if (!desk.at) return;
  const { field, piece } = desk.at;
  const number = field.changes.indexOf(piece);
  const shown = [...field.part.querySelectorAll(`[data-change="${number}"]`)].find((one) => one.checkVisibility());
  shown?.focus({ preventScroll: true });
  (shown ?? field.editor).scrollIntoView({ block: "nearest" });
}

function decide(at, text) {
  if (!at) return;
  const { field, piece } = at;
  if (piece.now !== text) {
    desk.decided.push({ field, hunk: piece.hunk, was: piece.now });
    desk.decided.splice(0, desk.decided.length - UNDO_DEPTH);
    field.put(piece, text);
    refreshEdited(desk.root.querySelector("#work-form"));
  }
}

function toggle(at) {
  const { piece } = at;
  decide(at, piece.now === piece.before && piece.hunk ? piece.after : piece.before);
  light();
}

function take(side) {
  if (current() < 0) go(1);
  if (!desk.at) return;
  decide(desk.at, desk.at.piece[side]);
  go(1);
}

/** Take back the last decision about a change, wherever it was. */
function undo() {
  const last = desk.decided.pop();
  if (!last) return;
  const piece = last.field.changes.find((one) => one.hunk === last.hunk && last.hunk);
  if (!piece) return;
  last.field.put(piece, last.was);
  refreshEdited(desk.root.querySelector("#work-form"));
  desk.at = { field: last.field, piece };
  light();
}

function edit() {
  if (desk.at) desk.at.field.select(desk.at.piece);
  else mostChanged().editor.focus();
}

function mostChanged() {
  const words = ({ part }) => Number(part.dataset.words);
  return desk.fields.reduce((best, field) => (words(field) >= words(best) ? field : best));
}

function wholeField(side) {
  const field = desk.at?.field ?? mostChanged();
  field.restore(side);
  notice(field);
}

const ACTS = {
  next: () => go(1),
  previous: () => go(-1),
  accept: () => take("after"),
  reject: () => take("before"),
  undo,
  edit,
  acceptField: () => wholeField("after"),
  rejectField: () => wholeField("before"),
};

function restore(button) {
  const part = button.closest(".part");
  const field = desk.fields.find((one) => one.part === part);
  field.restore(button.dataset.restore === "draft" ? "after" : "before");
  notice(field);
}

function notice(field) {
  field.editor.dispatchEvent(new Event("input", { bubbles: true }));
  field.draw();
}

// Before a decision --------------------------------------------------------------------

export function refreshEdited(form) {
  const edited = desk.fields.some((field) => field.isEdited());
  form.dataset.edited = String(edited);
  const hasDraft = desk.root.querySelector("[data-accepts]")?.hidden !== true;
  for (const button of document.querySelectorAll("[data-primary-when]")) {
    const wanted = button.dataset.primaryWhen === "edited";
    button.classList.toggle("primary", wanted === (edited || !hasDraft));
  }
}

// Before htmx sees it: accepting or keeping raw would drop what the person typed.
document.addEventListener(
  "submit",
  (event) => {
    const drops = event.submitter?.dataset.dropsEdit;
    if (!drops || event.target.dataset.edited !== "true" || event.target.dataset.again) return;
    if (!window.confirm(drops)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  },
  { capture: true },
);
