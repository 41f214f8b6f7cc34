// Large files go up in pieces (the tus protocol): a cut connection costs one piece, and
// a page that was closed goes on when the same file is chosen again.

import { notify, word } from "./page.js";

const PIECE = 8 * 1024 * 1024;
const LONGEST_WAIT_MS = 30_000;
const FINAL = [400, 401, 403, 404, 409, 413, 422];

const encode = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

document.addEventListener("submit", begin, true);

function begin(event) {
  const form = event.target.closest("form[data-uploads]");
  const file = form?.querySelector("input[type=file]")?.files[0];
  if (!file || file.size <= PIECE) return;
  event.preventDefault();
  event.stopImmediatePropagation(); // htmx would send it in one piece
  new Upload(form, file).run();
}

class Refused extends Error {}

class Upload {
  constructor(form, file) {
    this.form = form;
    this.file = file;
    this.list = form.dataset.uploads;
    this.key = `coachlm:upload:${this.list}:${file.name}:${file.size}:${file.lastModified}`;
    this.stop = new AbortController();
    this.metadata = metadata(form, file);
  }

  async run() {
    this.show();
    try {
      const page = await this.send();
      forget(this.key);
      window.location.assign(page);
    } catch (fault) {
      if (this.stop.signal.aborted) await this.giveUp();
      else notify(fault.message, "error");
      this.hide();
    }
  }

  async send() {
    let offset = await this.goOn();
    for (let wait = 1000; ; ) {
      const answer = await this.patch(offset);
      if (answer?.ok) {
        wait = 1000;
        offset = Number(answer.headers.get("Upload-Offset"));
        this.tell(offset);
        const page = answer.headers.get("Location");
        if (page) return page;
      } else if (answer?.status === 409) {
        offset = Number(answer.headers.get("Upload-Offset"));
      } else {
        await refusal(answer);
        this.say(word("uploadWaits"));
        await this.pause(wait);
        wait = Math.min(2 * wait, LONGEST_WAIT_MS);
        const found = await this.ask(this.at);
        if (found?.page) return found.page;
        offset = found?.offset ?? offset;
      }
    }
  }

  /** Find the upload of an earlier try, or begin one; what is there of it. */
  async goOn() {
    const kept = remembered(this.key);
    const found = kept && (await this.ask(kept));
    if (found && !found.page) {
      this.tell(found.offset);
      this.at = kept;
      return found.offset;
    }
    const answer = await this.call(this.list, "POST", {
      "Upload-Length": this.file.size,
      "Upload-Metadata": this.metadata,
    });
    await refusal(answer);
    if (!answer?.ok) throw new Refused(word("uploadUnreachable"));
    this.at = answer.headers.get("Location");
    this.stop.signal.throwIfAborted();
    remember(this.key, this.at);
    return 0;
  }

  patch(offset) {
    const piece = this.file.slice(offset, offset + PIECE);
    const headers = {
      "Content-Type": "application/offset+octet-stream",
      "Upload-Offset": offset,
    };
    return this.call(this.at, "PATCH", headers, piece);
  }

  async ask(at) {
    const answer = await this.call(at, "HEAD");
    if (!answer?.ok) return null;
    return {
      offset: Number(answer.headers.get("Upload-Offset")),
      page: answer.headers.get("Location"),
    };
  }

  /** The answer; null if nothing came back. */
  async call(url, method, headers = {}, body = undefined) {
    try {
      return await fetch(url, this.asked(method, headers, body));
    } catch (fault) {
      if (this.stop.signal.aborted) throw fault;
      return null;
    }
  }

  asked(method, headers, body) {
    const asked = {
      method,
      headers: {
        "Tus-Resumable": "1.0.0",
        "X-CSRFToken": document.body.dataset.csrf,
        ...headers,
      },
      credentials: "same-origin",
    };
    // What began an upload is waited for: only its answer says what a cancel takes out.
    if (method !== "POST") asked.signal = this.stop.signal;
    return body ? { ...asked, body } : asked;
  }

  async pause(ms) {
    await sleep(ms);
    this.stop.signal.throwIfAborted();
  }

  async giveUp() {
    forget(this.key);
    if (!this.at) return;
    this.stop = new AbortController();
    await this.call(this.at, "DELETE");
  }

  show() {
    const shape = this.form.querySelector("template[data-upload-shape]");
    this.box = shape.content.firstElementChild.cloneNode(true);
    this.box.querySelector("button").addEventListener("click", () => this.stop.abort());
    this.form.querySelector(".buttons").after(this.box);
    for (const each of this.form.elements) if (!this.box.contains(each)) each.disabled = true;
    this.began = performance.now();
    this.first = null;
    this.tell(0);
  }

  tell(offset) {
    this.first ??= offset;
    const share = offset / this.file.size;
    this.box.querySelector("progress").value = share;
    const seconds = (performance.now() - this.began) / 1000;
    const pace = (offset - this.first) / seconds;
    const left = pace > 0 ? Math.ceil((this.file.size - offset) / pace) : "…";
    this.say(word("uploadStands", { percent: Math.floor(100 * share), left }));
  }

  say(text) {
    this.box.querySelector("[data-upload-stands]").textContent = text;
  }

  hide() {
    this.box.remove();
    for (const each of this.form.elements) each.disabled = false;
  }
}

/** The file's name and what else the form says, as the protocol writes it. */
function metadata(form, file) {
  const sent = [...new FormData(form)].filter(
    ([name, value]) => typeof value === "string" && value && name !== "csrfmiddlewaretoken",
  );
  return [["filename", file.name], ...sent]
    .map(([name, value]) => `${name} ${encode(value)}`)
    .join(",");
}

/** Throw what the server says, if its answer will not change. */
async function refusal(answer) {
  if (!answer || !FINAL.includes(answer.status)) return;
  const told = await answer.json().catch(() => ({}));
  throw new Refused(told.detail ?? word("uploadRefused", { status: answer.status }));
}

function remembered(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function remember(key, at) {
  try {
    localStorage.setItem(key, at);
  } catch {
    // Without it a closed page starts anew.
  }
}

function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // Nothing was kept.
  }
}
