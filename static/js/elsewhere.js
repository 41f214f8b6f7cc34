// The same pair is open in another tab: this one reads until it takes over.

import { tab } from "./page.js";

export function show() {
  const note = document.getElementById("elsewhere");
  if (!note || !note.hidden) return;
  note.hidden = false;
  note.querySelector("[name=tab]").value = tab;
  lock(true);
}

export function hide() {
  const note = document.getElementById("elsewhere");
  if (!note || note.hidden) return;
  note.hidden = true;
  lock(false);
}

function isShown() {
  return document.getElementById("elsewhere")?.hidden === false;
}

/** Let nothing be typed or decided here; while another tab has the pen it stays so. */
export function lock(locked) {
  if (!locked && isShown()) return;
  for (const text of document.querySelectorAll("#work-form textarea")) text.readOnly = locked;
  for (const button of document.querySelectorAll("#actions button, #actions summary")) {
    if (button.dataset.showKeys === undefined) button.toggleAttribute("inert", locked);
  }
}
