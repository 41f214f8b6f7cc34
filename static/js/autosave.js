// Saves what is typed 800 ms after the hand rests. Text the server has not acknowledged
// waits in localStorage, by lease, and is put back and sent when the page opens again.
// Acknowledged text waits there for a moment more: a page that is being loaded just now
// may have been drawn before it arrived.

import { retyped } from "./desk.js";
import * as drafts from "./drafts.js";
import * as elsewhere from "./elsewhere.js";
import { clock, notify, post, tab, word } from "./page.js";
import * as session from "./session.js";
import { forget, keys, read, write } from "./storage.js";

const REST_MS = 800;
const RETRY_MS = 5000;
const SETTLE_MS = 5000;
const PREFIX = "coachlm:unsent:";
const MARKS = "coachlm:marks:";
const KEEP_MS = 14 * 24 * 3600 * 1000;
const ORPHAN_MS = 60_000;

let desk = null;

export function open(root) {
  const form = root.querySelector("form[data-autosave]");
  if (!form) return;
  desk = {
    form,
    url: form.dataset.autosave,
    key: `${PREFIX}${form.dataset.person}:${form.dataset.lease}:${tab}`,
    marks: `${MARKS}${form.dataset.person}:${form.dataset.lease}`,
    pair: form.dataset.pair,
    root,
    sign: root.querySelector(".saved"),
    sending: false,
    timer: 0,
    lost: false,
  };
  prune();
  putBack(desk);
  putBackMarks(desk);
  sendOrphans(desk);
  const mine = desk;
  form.addEventListener("input", ({ target }) => {
    if (!target.matches("textarea")) return;
    remember(mine);
    later(mine, REST_MS);
  });
  form.addEventListener("draft:leave", () => isUnsent() && save(mine));
  form.addEventListener("draft:come", () => {
    remember(mine);
    later(mine, REST_MS);
  });
  root.addEventListener("input", () => rememberMarks(mine));
}

/** The pair has left the page. Its text stays in this browser, and is sent when the next
 * one comes, unless the server has said that it has it. */
export function close({ isKept }) {
  if (!desk) return;
  clearTimeout(desk.timer);
  if (isKept) {
    forget(desk.key);
    forget(desk.marks);
    drafts.close();
  }
  desk = null;
}

export function isUnsent() {
  const kept = desk && read(desk.key);
  return Boolean(kept && !kept.saved);
}

function texts(form) {
  const fields = {};
  for (const text of form.querySelectorAll("textarea[name]")) {
    fields[text.name] = text.value;
  }
  return fields;
}

/** The draft that the text goes on from; empty where there is none. */
function draftOf(form) {
  return form.elements.draft?.value ?? "";
}

function remember(mine) {
  const kept = write(mine.key, {
    texts: texts(mine.form),
    draft: draftOf(mine.form),
    pair: mine.pair,
    base: mine.form.elements.base_revision.value,
    url: mine.url,
    tab,
    at: Date.now(),
  });
  if (!kept) show(mine, "failing", word("cannotKeep"));
}

function later(mine, wait) {
  clearTimeout(mine.timer);
  mine.timer = setTimeout(() => save(mine), wait);
}

async function save(mine) {
  if (mine !== desk || mine.lost || mine.merging) return;
  if (mine.sending) {
    later(mine, REST_MS);
    return;
  }
  const sent = texts(mine.form);
  const base = mine.form.elements.base_revision;
  mine.sending = true;
  try {
    const answer = await post(mine.url, {
      ...sent,
      draft: draftOf(mine.form),
      base_revision: base.value,
      tab,
    });
    if (mine !== desk) return;
    if (answer.status === 409) return refused(mine, sent, await answer.json());
    if ([401, 403, 404].includes(answer.status)) {
      const isOver = session.isOver(answer.status, await answer.text());
      if (!isOver) return ended(mine); // Not theirs any more: they left the project.
      signedOut(mine);
    }
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const { revision, saved_at: savedAt } = await answer.json();
    base.value = revision;
    show(mine, "saved", word("saved", { time: clock(savedAt), revision }));
    if (same(sent, texts(mine.form))) settle(mine, revision);
    else later(mine, REST_MS);
  } catch {
    // Offline, signed out or a server error: the text is kept here and tried again.
    if (mine !== desk) return;
    show(mine, "failing", word("notSaved"));
    later(mine, RETRY_MS);
  } finally {
    mine.sending = false;
  }
}

function signedOut(mine) {
  session.recover().then((how) => how === "back" && later(mine, 0));
}

/** The text is on the server, as this revision; a page that lives on forgets it. */
function settle(mine, revision) {
  const kept = read(mine.key);
  if (!kept) return;
  write(mine.key, { ...kept, saved: revision });
  setTimeout(() => read(mine.key)?.saved === revision && forget(mine.key), SETTLE_MS);
}

function refused(mine, sent, { code }) {
  if (code === "stale") return merge(mine, sent);
  if (code === "other_tab") return elsewhere.show();
  ended(mine);
}

function ended(mine) {
  mine.lost = true;
  show(mine, "failing", word("notSaved"));
  notify(word("leaseLost"), "error");
}

function show(mine, state, text) {
  if (!mine.sign) return;
  mine.sign.dataset.state = state;
  mine.sign.textContent = text;
}

function same(left, right) {
  return Object.keys(left).every((name) => left[name] === right[name]);
}

/** What this browser kept of the pair: by this tab, or by one that is gone. */
function found(mine) {
  const own = read(mine.key);
  if (own) return { key: mine.key, ...own };
  const person = mine.key.split(":").slice(0, 3).join(":");
  for (const key of keys(`${person}:`)) {
    const earlier = read(key);
    if (earlier?.pair === mine.pair && !earlier.saved) return { key, ...earlier };
  }
  return null;
}

function putBack(mine) {
  const unsent = found(mine);
  if (!unsent) return;
  forget(unsent.key);
  if (same(unsent.texts, texts(mine.form))) return;
  if (unsent.draft) drafts.choose(unsent.draft);
  if (unsent.saved) return catchUp(mine, unsent);
  if (unsent.base !== mine.form.elements.base_revision.value) {
    merge(mine, unsent.texts);
    return;
  }
  fill(mine, unsent.texts);
  notify(word("putBack", { time: clock(unsent.at) }));
}

/** This page was drawn before the text arrived, or shows what came after it. */
function catchUp(mine, { saved, texts: sent }) {
  const base = mine.form.elements.base_revision;
  if (saved <= Number(base.value)) return;
  base.value = saved;
  fill(mine, sent);
}

function fill(mine, kept) {
  for (const [name, value] of Object.entries(kept)) {
    mine.form.elements[name].value = value;
  }
  retyped();
  remember(mine);
  later(mine, 0);
}

/** Two versions: the server draws them side by side, and the person chooses. */
async function merge(mine, kept) {
  mine.merging = true;
  const place = document.getElementById("merge");
  try {
    const answer = await post(place.dataset.compare, kept, { html: true });
    if (mine !== desk || !answer.ok) return;
    place.innerHTML = await answer.text(); // made safe by the server
    place.scrollIntoView({ block: "nearest" });
    place.querySelector("h2")?.focus();
  } catch {
    fillIfEmpty(mine, kept);
  }
}

/** Offline: nothing can be drawn, so the text waits for the next opening. */
function fillIfEmpty(mine, kept) {
  write(mine.key, { texts: kept, pair: mine.pair, base: "?", at: Date.now() });
}

document.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-merge]");
  if (!chosen || !desk) return;
  const place = document.getElementById("merge");
  desk.form.elements.base_revision.value = chosen.dataset.revision;
  if (chosen.dataset.merge === "mine") {
    const kept = {};
    for (const text of place.querySelectorAll("[data-mine]")) kept[text.dataset.mine] = text.value;
    fill(desk, kept);
  } else {
    forget(desk.key);
    window.location.reload();
  }
  desk.merging = false;
  place.replaceChildren();
});

function prune() {
  for (const key of [PREFIX, MARKS, drafts.PREFIX].flatMap(keys)) {
    const unsent = read(key);
    if (!unsent || Date.now() - unsent.at > KEEP_MS) forget(key);
  }
}

// What never reached the server ------------------------------------------------------

/** Text of pairs that are no longer on any desk goes to the server, into their history. */
async function sendOrphans(mine) {
  const [, , person] = mine.key.split(":");
  for (const key of keys(`${PREFIX}${person}:`)) {
    const kept = read(key);
    const isOrphan = kept?.url && !kept.saved && kept.pair !== mine.pair;
    if (!isOrphan || (kept.tab !== tab && Date.now() - kept.at < ORPHAN_MS)) continue;
    try {
      const answer = await post(kept.url, { ...kept.texts, base_revision: kept.base, tab: kept.tab });
      const isThere = (answer.ok && !answer.redirected) || answer.status === 409;
      if (isThere && read(key)?.at === kept.at) forget(key);
    } catch {
      return; // Offline: when the next pair is opened.
    }
  }
}

// Tags, scores, reasons and notes: this browser keeps them until the deed is done ------

function marked(root) {
  const isMark = (one) => one.name && one.type !== "hidden" && !one.closest(".editor") && !one.closest("#elsewhere");
  return [...root.querySelectorAll("form input, form textarea, .sheet input, .sheet textarea")].filter(isMark);
}

function rememberMarks(mine) {
  const said = marked(mine.root).map(({ name, value, checked, id }) => ({ name, value, checked, id }));
  write(mine.marks, { said, at: Date.now() });
}

function putBackMarks(mine) {
  const kept = read(mine.marks);
  if (!kept) return;
  for (const control of marked(mine.root)) {
    const isBox = ["checkbox", "radio"].includes(control.type);
    const was = kept.said.find(({ name, value, id }) => name === control.name && (isBox ? value === control.value : id === control.id));
    if (!was) continue;
    if (isBox) control.checked = was.checked;
    else if (!control.value) control.value = was.value;
  }
}

window.addEventListener("online", () => {
  if (isUnsent()) later(desk, 0);
});

window.addEventListener("pagehide", () => {
  if (!isUnsent() || desk.lost) return;
  // A closing page cannot read the answer, so the local copy stays until it is seen.
  // Larger texts than a browser keeps alive wait in localStorage for the next visit.
  post(desk.url, {
    ...texts(desk.form),
    draft: draftOf(desk.form),
    base_revision: desk.form.elements.base_revision.value,
    tab,
  }, { keepalive: true }).catch(() => {});
});
