// The page that stands while the database is gone: it looks whether the server is back,
// and only then asks for what was asked for. What was sent is left to the person.

import { isBack } from "./health.js";

const { health, seconds } = document.body.dataset;
const next = document.querySelector("[data-next]");
const sent = document.querySelector("form[method=post]");

for (const time of document.querySelectorAll("time")) {
  time.textContent = new Date(time.dateTime).toLocaleTimeString(document.documentElement.lang, {
    timeStyle: "medium",
    hourCycle: "h23",
  });
}

async function look() {
  if (!(await isBack(health))) return again();
  if (!sent) return window.location.reload();
  next.textContent = next.dataset.back;
  sent.querySelector("button").focus();
}

function again() {
  setTimeout(look, 1000 * Number(seconds));
}

again();
