// Saves what is typed 800 ms after the hand rests. Text the server has not acknowledged
// waits in localStorage, by lease, and is put back and sent when the page opens again.

import { clock, notify, post, word } from "./page.js";
import { forget, keys, read, write } from "./storage.js";

const REST_MS = 800;
const RETRY_MS = 5000;
const PREFIX = "coachlm:unsent:";
const KEEP_MS = 14 * 24 * 3600 * 1000;

let desk = null;

export function open(root) {
  const form = root.querySelector("form[data-autosave]");
  if (!form) return;
  desk = {
    form,
    url: form.dataset.autosave,
    key: `${PREFIX}${form.dataset.person}:${form.dataset.lease}`,
    pair: form.dataset.pair,
    sign: root.querySelector(".saved"),
    sending: false,
    timer: 0,
    lost: false,
  };
  prune();
  putBack(desk);
  const mine = desk;
  form.addEventListener("input", () => {
    remember(mine);
    later(mine, REST_MS);
  });
}

/** The pair has left the page: submitted text is no longer unsent. */
export function close({ submitted }) {
  if (!desk) return;
  clearTimeout(desk.timer);
  if (submitted) forget(desk.key);
  desk = null;
}

export function isUnsent() {
  return Boolean(desk && read(desk.key));
}

function texts(form) {
  const fields = {};
  for (const text of form.querySelectorAll("textarea[name]")) {
    fields[text.name] = text.value;
  }
  return fields;
}

function remember(mine) {
  const kept = write(mine.key, {
    texts: texts(mine.form),
    pair: mine.pair,
    at: Date.now(),
  });
  if (!kept) show(mine, "failing", word("cannotKeep"));
}

function later(mine, wait) {
  clearTimeout(mine.timer);
  mine.timer = setTimeout(() => save(mine), wait);
}

async function save(mine) {
  if (mine !== desk || mine.lost) return;
  if (mine.sending) {
    later(mine, REST_MS);
    return;
  }
  const sent = texts(mine.form);
  const base = mine.form.elements.base_revision;
  const token = mine.form.elements.client_token.value;
  mine.sending = true;
  try {
    const answer = await post(mine.url, {
      ...sent,
      client_token: token,
      base_revision: base.value,
    });
    if (mine !== desk) return;
    if (answer.status === 409) return refused(mine);
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const { revision, saved_at: savedAt } = await answer.json();
    base.value = revision;
    show(mine, "saved", word("saved", { time: clock(savedAt), revision }));
    if (same(sent, texts(mine.form))) forget(mine.key);
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

function refused(mine) {
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

/** The same lease, or an earlier one of the same pair by the same person. */
function found(mine) {
  const own = read(mine.key);
  if (own) return own;
  const person = mine.key.slice(0, mine.key.lastIndexOf(":") + 1);
  for (const key of keys(person)) {
    const earlier = read(key);
    if (earlier?.pair === mine.pair) {
      forget(key);
      return earlier;
    }
  }
  return null;
}

function putBack(mine) {
  const unsent = found(mine);
  if (!unsent) return;
  if (same(unsent.texts, texts(mine.form))) {
    forget(mine.key);
    return;
  }
  for (const [name, value] of Object.entries(unsent.texts)) {
    mine.form.elements[name].value = value;
  }
  remember(mine);
  later(mine, 0);
  notify(word("putBack", { time: clock(unsent.at) }));
}

function prune() {
  for (const key of keys(PREFIX)) {
    const unsent = read(key);
    if (!unsent || Date.now() - unsent.at > KEEP_MS) forget(key);
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
    client_token: desk.form.elements.client_token.value,
    base_revision: desk.form.elements.base_revision.value,
  }, { keepalive: true }).catch(() => {});
});
