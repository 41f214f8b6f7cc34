// The one registry of shortcuts. An element says its key in data-key; nothing fires while
// text is typed, except mod+enter and Escape. `?` shows the sheet, where single keys can
// be switched off (WCAG 2.1.4).

import { takesText, word } from "./page.js";
import { forget, read, write } from "./storage.js";

const OFF = "coachlm:keys-off";
const QUESTION_MARKS = ["\u061f", "\u037e", "\u055e", "\u1367", "\uff1f"];
/** What a key is called that starts an accent, or that an input method keeps. */
const UNTOLD = ["Dead", "Process", "Unidentified"];

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.repeat) return;
  if (event.key === "Escape") return escape(event);
  const sheet = document.getElementById("keys-sheet");
  if (document.querySelector("dialog[open]")) return;
  const key = named(event);
  if (!key || (key.length === 1 && (takesText(event.target) || areOff()))) return;
  if (key === "?") {
    event.preventDefault();
    return showSheet(sheet);
  }
  const target = offered().find((element) => element.dataset.key === key);
  if (!target) return;
  event.preventDefault();
  press(target);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-show-keys]")) {
    showSheet(document.getElementById("keys-sheet"));
  }
  if (event.target.closest("[data-close-dialog]")) {
    event.target.closest("dialog").close();
  }
});

// An account's own ways are saved: they hold in this browser, too.
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-own-ways]")) for (const key of [OFF, "coachlm:theme"]) forget(key);
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-keys-on]")) write(OFF, !event.target.checked);
});

/** What was chosen in this browser counts before the person's account. */
function areOff() {
  return read(OFF) ?? document.body.dataset.keys === "off";
}

let otherScript = false;

/** The key of the registry that was pressed, whatever the keyboard's layout writes. */
function named(event) {
  const { key = "", code = "" } = event;
  if (key === "Enter") return event.ctrlKey || event.metaKey ? "mod+enter" : "";
  if (event.ctrlKey || event.metaKey || event.altKey) return "";
  const sign = key.toLowerCase();
  if (/^[a-z]$/.test(sign)) otherScript = false;
  if (/^[a-z\d?]$/.test(sign)) return sign;
  if (QUESTION_MARKS.includes(key)) return "?";
  const foreign = /^[^\0-\x7f]/.test(key) && !/^\p{Script=Latin}/u.test(key);
  if (foreign) otherScript = true;
  // The upper row writes & or é in France, ١ in Egypt; shifted it is punctuation.
  const [, digit] = /^(?:Digit|Numpad)(\d)$/.exec(code) ?? [];
  if (digit && (foreign || key.length === 1)) return event.shiftKey ? "" : digit;
  // By its place on the keyboard; commas of a Latin layout stand there, too.
  if (!foreign && !UNTOLD.includes(key) && !(otherScript && key.length === 1)) return "";
  if (code === "Slash" && event.shiftKey) return "?";
  return /^Key([A-Z])$/.exec(code)?.[1].toLowerCase() ?? "";
}

/** Elements with a key that can be used now: drawn, not disabled, and not locked. */
function offered() {
  return [...document.querySelectorAll("[data-key]")].filter(
    (element) => !element.disabled && !element.closest("[inert]") && element.checkVisibility(),
  );
}

function press(element) {
  if (takesText(element)) {
    element.focus();
    element.scrollIntoView({ block: "nearest" });
    return;
  }
  element.click();
  const details = element.closest("details");
  if (element.matches("summary") && details.open) {
    details.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  }
}

function escape(event) {
  const open = document.querySelector("details:is(.drawer, .menu)[open]");
  if (open) {
    open.open = false;
    open.querySelector("summary").focus({ preventScroll: true });
    event.preventDefault();
  } else if (takesText(event.target)) {
    event.target.blur();
  }
}

function showSheet(sheet) {
  if (!sheet) return;
  const groups = sheet.querySelector(".key-groups");
  const names = groups.dataset.groups.split("|");
  const rows = names.map(() => []);
  for (const element of offered()) {
    rows[groupOf(element)].push(...row(element.dataset.key, title(element)));
  }
  rows.at(-1).push(...row("esc", word("keyEscape")), ...row("?", word("keySheet")));
  const filled = names.map((name, place) => group(name, rows[place]));
  groups.replaceChildren(...filled.filter((_, place) => rows[place].length));
  sheet.querySelector("[data-keys-on]").checked = !areOff();
  sheet.showModal();
}

/** Deciding, changes, texts and views, the rest: in the order of data-groups. */
function groupOf(element) {
  if (element.matches("[data-hunk-act]")) return 1;
  if (element.matches("textarea, [data-next-view], [data-next-draft]")) return 2;
  return element.closest(".actions") ? 0 : 3;
}

function group(name, rows) {
  const section = document.createElement("section");
  const heading = document.createElement("h3");
  heading.textContent = name;
  const list = document.createElement("dl");
  list.className = "keys";
  list.append(...rows);
  section.append(heading, list);
  return section;
}

function title(element) {
  return element.dataset.keyTitle ?? element.querySelector("span")?.textContent ?? "";
}

function row(key, text) {
  const kbd = document.createElement("kbd");
  kbd.textContent = key.replace("mod+enter", word("keyModEnter"));
  const term = document.createElement("dt");
  term.append(kbd);
  const meaning = document.createElement("dd");
  meaning.textContent = text;
  return [term, meaning];
}
