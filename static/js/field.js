// One field on the desk: its editor, the marks under it, and the changes to decide on.

import * as pieces from "./pieces.js";
import { word } from "./page.js";

export class Field {
  constructor(part) {
    this.part = part;
    this.editor = part.querySelector("textarea");
    this.pieces = pieces.read(part.dataset.pieces);
    this.writing = false;
    this.waiting = 0;
    this.editor.addEventListener("input", () => this.follow());
    this.catchUp();
    this.draw();
  }

  follow() {
    if (this.writing) return;
    this.catchUp();
    // The marks give the editor its height, so they follow at once; the rest may wait.
    this.drawMarks();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.drawSides(), 150);
  }

  /** The editor's text is what counts: the pieces follow it. */
  catchUp() {
    const { value, selectionEnd } = this.editor;
    if (value !== pieces.text(this.pieces)) this.pieces = pieces.typed(this.pieces, value, selectionEnd);
  }

  get changes() {
    return this.pieces.filter((piece) => piece.hunk || pieces.outcome(piece));
  }

  /** Put a text in the place of a change; the browser's own undo takes it back, too. */
  put(piece, text) {
    const [start, end] = pieces.span(this.pieces, piece);
    this.writing = true;
    type(this.editor, start, end, text);
    piece.now = text;
    this.writing = false;
    this.catchUp();
    this.draw();
  }

  /** The whole field as it was offered, or as it came in. */
  restore(side) {
    const text = this.pieces.map((piece) => piece[side]).join("");
    this.writing = true;
    type(this.editor, 0, this.editor.value.length, text);
    this.pieces = this.pieces
      .map((piece) => (piece.hunk ? { ...piece, now: piece[side] } : { ...piece, now: piece.before, after: piece.before }))
      .filter((piece) => piece.hunk || piece.now);
    this.writing = false;
    this.catchUp();
    this.draw();
  }

  /** The pieces of another draft, with what was made of them. */
  load(loaded) {
    const wanted = pieces.text(loaded);
    this.writing = true;
    if (wanted !== this.editor.value) type(this.editor, 0, this.editor.value.length, wanted);
    this.pieces = loaded;
    this.writing = false;
    this.catchUp();
    this.draw();
  }

  select(piece) {
    const [start, end] = pieces.span(this.pieces, piece);
    this.editor.focus({ preventScroll: true });
    this.editor.setSelectionRange(start, end);
    this.editor.scrollIntoView({ block: "nearest" });
  }

  isEdited() {
    return this.pieces.some((piece) => ["edited", "rejected", "own"].includes(pieces.outcome(piece)));
  }

  draw() {
    this.drawMarks();
    this.drawSides();
  }

  drawMarks() {
    const nodes = this.pieces.map((piece) => {
      const outcome = pieces.outcome(piece);
      if (!outcome || !piece.now) return piece.now;
      return element("ins", outcome, piece.now);
    });
    this.part.querySelector(".marks").replaceChildren(...nodes);
  }

  drawSides() {
    const focused = this.part.querySelector(".hunk:focus")?.dataset.change;
    const pane = document.activeElement?.closest(".reading");
    for (const view of ["beside", "inline"]) {
      const reading = this.part.querySelector(`.reading.${view}`);
      reading.replaceChildren(...this.drawn(view));
    }
    if (focused !== undefined) pane?.querySelector(`[data-change="${focused}"]`)?.focus({ preventScroll: true });
    const { added, removed, changes } = pieces.counted(this.pieces);
    this.part.dataset.changed = String(changes > 0);
    this.part.dataset.words = String(added + removed);
    this.part.querySelector(".tally").textContent = changes
      ? word("tally", { added, removed })
      : (this.part.dataset.unchanged ?? word("unchanged"));
  }

  drawn(view) {
    const { changes } = this;
    return this.pieces.map((piece) => {
      const number = changes.indexOf(piece);
      if (number < 0) return piece.now;
      const outcome = pieces.outcome(piece);
      const change = element("span", `hunk ${outcome || "accepted"}`);
      change.dataset.change = number;
      change.tabIndex = 0;
      change.setAttribute("role", "button");
      change.setAttribute("aria-label", said(piece, outcome, number, changes.length));
      if (piece.before) change.append(element("del", "", piece.before));
      if (view === "inline") {
        const shown = outcome === "rejected" ? piece.after : piece.now;
        if (shown) change.append(element("ins", "", shown));
      } else if (!piece.before) change.append(element("i", "here", "\u200b"));
      return change;
    });
  }
}

function said({ before, after, now }, outcome, number, count) {
  const parts = [word("change", { n: number + 1, count })];
  if (before) parts.push(`${word("removed")} ${before}`);
  const come = outcome === "rejected" ? after : now;
  if (come) parts.push(`${word("added")} ${come}`);
  return `${parts.join(", ")}: ${word(outcome || "accepted")}`;
}

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

/** Type as the hand would, so that Ctrl+Z works; assign where a browser cannot. */
function type(editor, start, end, text) {
  const [scroll, active] = [window.scrollY, document.activeElement];
  const wanted = editor.value.slice(0, start) + text + editor.value.slice(end);
  editor.focus({ preventScroll: true });
  editor.setSelectionRange(start, end);
  if (text) document.execCommand("insertText", false, text);
  else if (start < end) document.execCommand("delete");
  if (editor.value !== wanted) {
    // From the whole text: what the browser has done by itself is not known.
    editor.setRangeText(wanted, 0, editor.value.length);
    editor.setSelectionRange(start + text.length, start + text.length);
    editor.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (active !== editor) active?.focus({ preventScroll: true });
  window.scrollTo({ top: scroll });
}
