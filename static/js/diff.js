// Which words differ between two texts, while the person types. The server's own diff
// is what is stored; this one only draws.

const TOKEN = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|[\p{L}\p{N}\p{M}_]+|\s+|[^]/gu;
const WORD = /[\p{L}\p{N}]+/gu;
const CRUMB_WORDS = 2;
const MOST_CELLS = 6_000_000;

/** Hunks {kind: "equal" | "replace", before, after} that lead from one text to another. */
export function hunks(before, after) {
  const a = before.match(TOKEN) ?? [];
  const b = after.match(TOKEN) ?? [];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  const room = Math.min(a.length, b.length) - start;
  while (end < room && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const pieces = [];
  add(pieces, "equal", a.slice(0, start), a.slice(0, start));
  middle(pieces, a.slice(start, a.length - end), b.slice(start, b.length - end));
  add(pieces, "equal", a.slice(a.length - end), a.slice(a.length - end));
  return joined(withoutCrumbs(joined(pieces)));
}

function add(pieces, kind, before, after) {
  if (before.length || after.length) {
    pieces.push({ kind, before: before.join(""), after: after.join("") });
  }
}

function middle(pieces, a, b) {
  if (a.length * b.length > MOST_CELLS || !a.length || !b.length) {
    add(pieces, "replace", a, b);
    return;
  }
  const width = b.length + 1;
  const common = commonLengths(a, b, width);
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      add(pieces, "equal", [a[i]], [b[j]]);
      i += 1;
      j += 1;
    } else if (
      j === b.length ||
      (i < a.length && common[(i + 1) * width + j] >= common[i * width + j + 1])
    ) {
      add(pieces, "replace", [a[i]], []);
      i += 1;
    } else {
      add(pieces, "replace", [], [b[j]]);
      j += 1;
    }
  }
}

/** Longest common subsequence of every pair of tails, row by row. */
function commonLengths(a, b, width) {
  const common = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const cell = i * width + j;
      common[cell] =
        a[i] === b[j]
          ? common[cell + width + 1] + 1
          : Math.max(common[cell + width], common[cell + 1]);
    }
  }
  return common;
}

/** Neighbours of one kind become one. */
function joined(pieces) {
  const result = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    if (last?.kind === piece.kind) {
      last.before += piece.before;
      last.after += piece.after;
    } else {
      result.push({ ...piece });
    }
  }
  return result;
}

/** A word or two that two rewritten passages share by chance belong to the rewriting:
 * an "and" left standing alone reads worse than one longer change. */
function withoutCrumbs(pieces) {
  return pieces.map((piece, index) => {
    const around = [pieces[index - 1], pieces[index + 1]];
    const crumb =
      piece.kind === "equal" &&
      !piece.before.includes("\n") &&
      around.every((other) => other && size(other) >= piece.before.length) &&
      (piece.before.match(WORD) ?? []).length <= CRUMB_WORDS;
    return crumb ? { ...piece, kind: "replace" } : piece;
  });
}

function size({ before, after }) {
  return Math.max(before.length, after.length);
}

/** Draw hunks as text with <del> and <ins>; `side` is raw, text or both. */
export function draw(element, list, side, said = {}) {
  const nodes = [];
  const mark = (tag, text) => {
    const node = document.createElement(tag);
    node.textContent = text;
    if (said[tag]) node.dataset.said = said[tag];
    nodes.push(node);
  };
  for (const { kind, before, after } of list) {
    if (kind === "equal") {
      nodes.push(side === "raw" ? before : after);
      continue;
    }
    if (side !== "text" && before) mark("del", before);
    if (side !== "raw" && after) mark("ins", after);
  }
  element.replaceChildren(...nodes);
}

/** How many words the hunks add and take away. */
export function counted(list) {
  const words = (text) =>
    (text.match(TOKEN) ?? []).filter((token) => /[\p{L}\p{N}]/u.test(token)).length;
  const changed = list.filter((hunk) => hunk.kind !== "equal");
  return {
    added: changed.reduce((sum, hunk) => sum + words(hunk.after), 0),
    removed: changed.reduce((sum, hunk) => sum + words(hunk.before), 0),
    changes: changed.length,
  };
}
