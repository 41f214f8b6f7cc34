// A heartbeat every 15 s says whether the person worked since the last one: the server
// makes active time of it and lets the lease run on.

import * as elsewhere from "./elsewhere.js";
import { notify, post, tab, word } from "./page.js";
import * as session from "./session.js";

const EVERY_MS = 15_000;
const SIGNS_OF_WORK = ["keydown", "input", "pointerdown", "pointermove", "wheel"];

let watch = null;
let worked = false;

export function open(root) {
  close();
  const lease = root.querySelector("[data-tick]");
  if (!lease) return;
  worked = true; // Opening the pair is work: reading has begun.
  watch = {
    url: lease.dataset.tick,
    lease,
    until: new Date(lease.dataset.until),
    pulse: root.querySelector(".pulse"),
    ticking: setInterval(tick, EVERY_MS),
    counting: setInterval(count, 1000),
  };
  showPulse();
  count();
  tick(); // At once: the server says whether another tab has the pen.
}

export function close() {
  if (!watch) return;
  clearInterval(watch.ticking);
  clearInterval(watch.counting);
  watch = null;
}

function heartbeat() {
  const visible = document.visibilityState === "visible";
  const active = worked && visible;
  worked = false;
  return { active: String(active), visible: String(visible), tab };
}

async function tick() {
  const mine = watch;
  const beat = heartbeat();
  showPulse(beat.active === "true");
  try {
    const answer = await post(mine.url, beat);
    if (mine !== watch) return;
    if (answer.status === 409) return refused(mine, await answer.json());
    if ([401, 403, 404].includes(answer.status)) {
      const isOver = session.isOver(answer.status, await answer.text());
      if (!isOver) return lost(mine); // Not theirs any more: they left the project.
      session.recover();
    }
    if (answer.ok) elsewhere.hide();
    if (!answer.ok || answer.redirected) return;
    const { lease_until: until } = await answer.json();
    mine.until = new Date(until);
    count();
  } catch {
    // Offline for a moment: the next heartbeat tries again.
  }
}

function refused(mine, { code }) {
  if (code === "other_tab") elsewhere.show();
  else lost(mine);
}

function lost(mine) {
  close();
  mine.lease.dataset.state = "lost";
  mine.lease.textContent = word("held0");
  notify(word("leaseLost"), "error");
}

function showPulse(active = true) {
  if (!watch.pulse) return;
  watch.pulse.dataset.active = String(active);
  watch.pulse.textContent = word(active ? "active" : "idle");
}

/** Whole minutes until the last one, so that nothing flickers beside the text. */
function count() {
  const seconds = Math.max(0, Math.round((watch.until - Date.now()) / 1000));
  const minutes = Math.ceil(seconds / 60);
  const text =
    seconds > 60
      ? word("heldMinutes", { n: minutes })
      : word(seconds ? "heldSeconds" : "held0", { n: seconds });
  if (watch.lease.textContent !== text) watch.lease.textContent = text;
  watch.lease.dataset.state = seconds > 120 ? "held" : "soon";
}

for (const sign of SIGNS_OF_WORK) {
  document.addEventListener(sign, () => (worked = true), { passive: true });
}
document.addEventListener("scroll", () => (worked = true), {
  passive: true,
  capture: true,
});

window.addEventListener("pagehide", () => {
  if (watch) post(watch.url, heartbeat(), { keepalive: true }).catch(() => {});
});
