// The command palette: Ctrl K or ⌘ K opens it, typing finds pages and pairs, Enter goes
// there. Focus stays in the box; the list is told by aria-activedescendant.

const WAIT_MS = 120;
let asked = 0;
let timer = null;

document.addEventListener("keydown", (event) => {
  const isOurs = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  if (!isOurs || event.key.toLowerCase() !== "k" || event.isComposing) return;
  const palette = document.getElementById("palette");
  if (!palette || document.querySelector("dialog[open]:not(#palette)")) return;
  event.preventDefault();
  if (palette.open) palette.close();
  else open(palette);
});

document.addEventListener("click", (event) => {
  const palette = document.getElementById("palette");
  if (event.target.closest("[data-open-palette]")) open(palette);
  else if (event.target === palette) palette.close(); // its backdrop
});

document.addEventListener("input", (event) => {
  if (!event.target.matches("#palette input")) return;
  clearTimeout(timer);
  timer = setTimeout(find, WAIT_MS);
});

document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.("#palette input") || event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    choose(step);
  } else if (event.key === "Enter") {
    event.preventDefault();
    chosen()?.click();
  }
});

function open(palette) {
  palette.showModal();
  const box = palette.querySelector("input");
  box.value = "";
  box.focus();
  find();
}

async function find() {
  const palette = document.getElementById("palette");
  const number = ++asked;
  const question = new URLSearchParams({
    q: palette.querySelector("input").value,
    in: palette.dataset.in,
  });
  let found = [];
  try {
    const answer = await fetch(`${palette.dataset.find}?${question}`, {
      headers: { Accept: "application/json" },
    });
    if (answer.ok) ({ found } = await answer.json());
  } catch {
    // Out of reach: the list is empty, and the page says itself what is wrong.
  }
  if (number === asked) show(palette, found);
}

function show(palette, found) {
  const list = palette.querySelector("[role=listbox]");
  list.replaceChildren(...found.map(row));
  const status = palette.querySelector("[role=status]");
  status.textContent = found.length ? "" : status.dataset.none;
  mark(list.firstElementChild);
}

function row({ label, where, url }, place) {
  const option = document.createElement("a");
  option.id = `palette-${place}`;
  option.setAttribute("role", "option");
  option.href = url;
  option.tabIndex = -1;
  const told = document.createElement("span");
  told.className = "note";
  told.textContent = where;
  option.append(label, " ", told);
  return option;
}

function chosen() {
  return document.querySelector("#palette [aria-selected=true]");
}

function choose(step) {
  const options = [...document.querySelectorAll("#palette [role=option]")];
  if (!options.length) return;
  const place = options.indexOf(chosen()) + step;
  mark(options[(place + options.length) % options.length]);
}

function mark(option) {
  chosen()?.removeAttribute("aria-selected");
  const box = document.querySelector("#palette input");
  box.setAttribute("aria-activedescendant", option?.id ?? "");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
}
