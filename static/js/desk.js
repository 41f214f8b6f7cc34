// The review desk: marks that follow the typing, both views, restoring, and the guard
// before a decision that would drop an edit.

import { counted, draw, hunks } from "./diff.js";
import { word } from "./page.js";
import { read, write } from "./storage.js";

const VIEW = "coachlm:view:";

export function open(root) {
  const form = root.querySelector("#work-form");
  showView(root, read(VIEW + root.dataset.desk) ?? "raw");
  root.addEventListener("click", (event) => {
    const view = event.target.closest("[data-view]");
    if (view) showView(root, view.dataset.view);
    const restore = event.target.closest("[data-restore]");
    if (restore) restoreField(restore);
    if (event.target.closest("[data-toggle-view]")) toggleView(root);
    if (event.target.closest("[data-edit-first]")) editMostChanged(root);
  });
  if (!form) return;
  for (const part of root.querySelectorAll(".part")) followTyping(part);
  refreshEdited(form);
  form.addEventListener("input", () => refreshEdited(form));
}

function toggleView(root) {
  showView(root, root.classList.contains("raw-view") ? "changes" : "raw");
}

function showView(root, view) {
  root.classList.toggle("raw-view", view !== "changes");
  root.classList.toggle("changes-view", view === "changes");
  for (const button of root.querySelectorAll("[data-view]")) {
    button.setAttribute("aria-pressed", String(button.dataset.view === view));
  }
  write(VIEW + root.dataset.desk, view);
}

/** Put the caret where the coach changed most; in the response if nothing changed. */
function editMostChanged(root) {
  const parts = [...root.querySelectorAll(".part")];
  const most = parts.reduce((best, part) =>
    Number(part.dataset.words) >= Number(best.dataset.words) ? part : best,
  );
  const text = most.querySelector("textarea");
  text.focus({ preventScroll: true });
  text.scrollIntoView({ block: "nearest" });
}

function followTyping(part) {
  const text = part.querySelector("textarea");
  let waiting = 0;
  text.addEventListener("input", () => {
    // The marks give the editor its height, so the plain text goes in at once; the
    // coloured words follow when the hand rests.
    part.querySelector(".marks").textContent = text.value;
    clearTimeout(waiting);
    waiting = setTimeout(() => redraw(part, text), 120);
  });
  redraw(part, text);
}

function redraw(part, text) {
  const list = hunks(part.dataset.raw, text.value);
  const said = { ins: word("added"), del: word("removed") };
  draw(part.querySelector(".marks"), list, "text");
  draw(part.querySelector(".with-removals"), list, "raw", said);
  draw(part.querySelector(".with-changes"), list, "both", said);
  const { added, removed, changes } = counted(list);
  part.dataset.changed = String(changes > 0);
  part.dataset.words = String(added + removed);
  const tally = part.querySelector(".tally");
  tally.textContent = changes
    ? word("tally", { added, removed })
    : word("unchanged");
}

function restoreField(button) {
  const part = button.closest(".part");
  const text = part.querySelector("textarea");
  text.value = part.dataset[button.dataset.restore];
  text.dispatchEvent(new Event("input", { bubbles: true }));
  text.focus({ preventScroll: true });
}

/** Whether the texts differ from what the page offered at first: draft, or raw. */
function isEdited(form) {
  return [...form.querySelectorAll(".part")].some((part) => {
    const offered = part.dataset.draft ?? part.dataset.raw;
    return part.querySelector("textarea").value !== offered;
  });
}

function refreshEdited(form) {
  const edited = isEdited(form);
  form.dataset.edited = String(edited);
  for (const button of document.querySelectorAll("[data-primary-when]")) {
    const wanted = button.dataset.primaryWhen === "edited";
    button.classList.toggle("primary", wanted === edited);
  }
}

// Before htmx sees it: accepting or keeping raw would drop what the person typed.
document.addEventListener(
  "submit",
  (event) => {
    const drops = event.submitter?.dataset.dropsEdit;
    if (!drops || event.target.dataset.edited !== "true") return;
    if (!window.confirm(drops)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  },
  { capture: true },
);
