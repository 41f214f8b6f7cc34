// The server, or its database, is away while a page lies open: one notice says so, and
// goes when it is back. What is typed or decided meanwhile has its own way to wait.

import { isBack } from "./health.js";
import { clock, notify, word } from "./page.js";

const LOOK_MS = 2000;

let told = null;

/** Nothing came back. */
export function unreachable() {
  tell("offline");
}

/** A 503 came back: it says since when, if it knows. */
export function isAway({ status, responseText }) {
  if (status !== 503) return false;
  tell("away", { time: clock(since(responseText) ?? Date.now()) });
  return true;
}

function since(text) {
  try {
    return JSON.parse(text).since;
  } catch {
    return null;
  }
}

function tell(name, values) {
  if (told) return;
  told = notify(word(name, values), "warning");
  setTimeout(look, LOOK_MS);
}

async function look() {
  if (!(await isBack(document.body.dataset.health))) {
    setTimeout(look, LOOK_MS);
    return;
  }
  told.remove();
  told = null;
}
