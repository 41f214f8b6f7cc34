// The page of the next pair, asked for while this one is worked on. The server keeps the
// pair for this tab; it is a hold, and its time begins, when the deed before it is done.

import { post, tab } from "./page.js";

const AFTER_MS = 1500;
const TOP = /<!--top-->[^]*<!--\/top-->/;
const CSRF = /(name="csrfmiddlewaretoken" value=")[^"]*/g;

let ahead = null;
let timer = 0;

export function open(root) {
  clearTimeout(timer);
  ahead = null;
  if (root.dataset.ahead) timer = setTimeout(() => fetchNext(root), AFTER_MS);
}

async function fetchNext(root) {
  if (document.hidden) {
    document.addEventListener("visibilitychange", () => root.isConnected && open(root), { once: true });
    return;
  }
  const url = root.dataset.ahead;
  try {
    const answer = await post(url, { tab }, { html: true });
    const name = answer.headers.get("X-Ahead");
    if (answer.status !== 200 || !name) return;
    const html = await answer.text();
    if (root.isConnected) ahead = { name, html, url };
  } catch {
    // Without it the next pair comes as a whole, with the answer to the deed.
  }
}

/** What an answer brings; where it is the top of the page that lies here, that page. */
export function whole(xhr, top) {
  const opened = xhr.getResponseHeader("X-Ahead-Opened");
  if (!opened) return top;
  if (opened !== ahead?.name) window.location.reload();
  return (ahead?.html ?? "").replace(TOP, () => top).replace(CSRF, `$1${document.body.dataset.csrf}`);
}

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (ahead && detail.elt.matches?.("form[data-deed]")) detail.formData.set("ahead", ahead.name);
});

// A page that closes gives it back; one that comes back from the browser's memory has none.
window.addEventListener("pagehide", () => {
  if (!ahead) return;
  const [token] = ahead.name.split(".");
  post(`${ahead.url}${token}/give-back/`, { tab }, { keepalive: true }).catch(() => {});
  ahead = null;
});
