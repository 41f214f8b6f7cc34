// Who is signed in, in this browser, now: asked when an answer says that it is not who
// opened this page. A sign-in opens over the page, so that nothing on it is lost.

import { post, word } from "./page.js";

let asking = null;

/** The person this page was made for: a number, or empty before a login. */
const person = document.body.dataset.person ?? "";

/** "same" person, "other", "none", or "offline". The page's forms get the token of now. */
export async function renew() {
  try {
    const answer = await fetch(document.body.dataset.session, {
      headers: { Accept: "application/json" },
      credentials: "same-origin",
      cache: "no-store",
    });
    return answer.ok ? welcome(await answer.json()) : "offline";
  } catch {
    return "offline";
  }
}

function welcome({ person: now, name, csrf }) {
  for (const hidden of document.querySelectorAll("[name=csrfmiddlewaretoken]")) hidden.value = csrf;
  document.body.dataset.csrf = csrf;
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": csrf }));
  if (now === null) return "none";
  if (String(now) === person) return "same";
  document.body.dataset.other = name;
  return "other";
}

/** "back" once the page's person is signed in again; "not" if they would not; "offline". */
export async function recover() {
  const who = await renew();
  if (who === "same") return "back";
  if (who === "offline") return "offline";
  if (!person) return "not";
  asking ??= ask(who).finally(() => (asking = null));
  return (await asking) ? "back" : "not";
}

/** Open the sign-in over the page. */
function ask(who) {
  const dialog = document.getElementById("sign-in");
  const form = dialog.querySelector("form");
  askFor(dialog, "password");
  tell(dialog, who === "other" ? word("otherPerson", { name: document.body.dataset.other }) : "");
  return new Promise((resolve) => {
    const ended = new AbortController();
    const on = { signal: ended.signal };
    const done = (signedIn) => {
      ended.abort();
      askFor(dialog, "password");
      if (dialog.open) dialog.close();
      resolve(signedIn);
    };
    dialog.addEventListener("close", () => done(false), on);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      signIn(dialog, form).then((signedIn) => signedIn && done(true));
    }, on);
    // They may have signed in in another tab.
    const look = async () => (await renew()) === "same" && done(true);
    window.addEventListener("focus", look, on);
    document.addEventListener("visibilitychange", () => document.hidden || look(), on);
    dialog.showModal();
    form.elements.password.focus();
  });
}

async function signIn(dialog, form) {
  try {
    const answer = await post(document.body.dataset.session, Object.fromEntries(new FormData(form)));
    if (answer.ok && welcome(await answer.json()) === "same") return true;
    const { code, detail } = [422, 429].includes(answer.status) ? await answer.json() : {};
    if (code === "second_factor") askFor(dialog, "code");
    if (code === "wrong_password") askFor(dialog, "password");
    tell(dialog, detail ?? word("serverError"));
  } catch {
    tell(dialog, word("offline"));
  }
  form.querySelector("[required]:enabled").select();
  return false;
}

/** Show the field of this step, "password" or "code"; only what it holds is sent. */
function askFor(dialog, step) {
  for (const name of ["password", "code"]) {
    const field = dialog.querySelector(`[name=${name}]`);
    field.value = "";
    field.disabled = name !== step;
    field.closest(".field").hidden = name !== step;
  }
}

function tell(dialog, sentence) {
  const place = dialog.querySelector("[role=alert]");
  place.textContent = sentence;
  place.hidden = !sentence;
}

/** Whether an answer says that the login or its token is not the page's any more. */
export function isOver(status, body) {
  if (status === 401) return true;
  return status === 403 && /"code":\s*"csrf"/.test(body ?? "");
}
