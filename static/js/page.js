// What every module asks of the page: its words, its token, the notices.

/** A translated word from base.html's <template id="words">. */
export function word(name, values = {}) {
  const text = document.getElementById("words")?.dataset[name] ?? name;
  return text.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

/** POST a form's fields; the browser keeps the request alive when the page closes. */
export function post(url, fields, { keepalive = false, html = false } = {}) {
  return fetch(url, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: {
      "X-CSRFToken": document.body.dataset.csrf,
      ...(html ? { "HX-Request": "true" } : { Accept: "application/json" }),
    },
    credentials: "same-origin",
    keepalive,
  });
}

/** Show a sentence above the page and return it; only good news leaves by itself. */
export function notify(text, level = "info") {
  const notices = document.getElementById("notices");
  const same = [...notices.children].find((one) => one.querySelector("p")?.textContent === text);
  if (same) return same;
  const shape = document.getElementById("notice-shape").content.firstElementChild;
  const notice = shape.cloneNode(true);
  notice.classList.add(level);
  notice.querySelector("p").textContent = text;
  notices.append(notice);
  return notice;
}

/** The page's language for Intl: days are written as the server writes them, 9 Mar. */
export function language() {
  const { lang } = document.documentElement;
  return lang === "en" ? "en-GB" : lang;
}

/** The hour of a moment as the person's clock shows it. */
export function clock(moment) {
  return new Date(moment).toLocaleTimeString(language(), {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
}

/** Whether keys typed here are text. */
export function takesText(element) {
  if (!element) return false;
  if (element.isContentEditable || element.matches("textarea, select")) return true;
  return element.matches(
    "input:not([type=checkbox], [type=radio], [type=button], [type=submit])",
  );
}

/** A name for this tab, the same after a reload: only one tab types into a pair. */
export const tab = tabName();

function tabName() {
  try {
    const kept = sessionStorage.getItem("coachlm:tab");
    // A duplicated tab starts with a copy of the other's memory: it needs its own name.
    const reloaded = performance.getEntriesByType("navigation")[0]?.type === "reload";
    const known = kept && (reloaded || !document.referrer || !window.opener) ? kept : null;
    const name = known ?? crypto.randomUUID();
    sessionStorage.setItem("coachlm:tab", name);
    return name;
  } catch {
    return "";
  }
}
