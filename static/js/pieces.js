// A field's text as pieces: what stands there in the raw pair, in the draft and now. The
// server cuts them (annotator/domain/hunks.py); here they follow what the hand does.

import { borderAfter, borderBefore, wordCount } from "./signs.js";

/** From the server's JSON: [before, after, now, 1 for a change that the draft proposed]. */
export function read(json) {
  return fromRows(JSON.parse(json));
}

export function fromRows(rows) {
  let number = 0;
  return rows.map(([before, after, now, isHunk]) => ({
    before: asNewlines(before),
    after: asNewlines(after),
    now: asNewlines(now),
    hunk: isHunk ? ++number : 0,
  }));
}

/** As a textarea ends its lines, whatever it was given. */
function asNewlines(part) {
  return part.replace(/\r\n?/g, "\n");
}

export function text(pieces) {
  return pieces.map(({ now }) => now).join("");
}

/** accepted, rejected, edited; own for a change of one's own; empty where all is one. */
export function outcome({ before, after, now, hunk }) {
  if (!hunk) return now === before ? "" : "own";
  if (now === after) return "accepted";
  return now === before ? "rejected" : "edited";
}

/** The pieces after a text was typed over: `caret` is where the hand stands now. */
export function typed(pieces, value, caret) {
  const old = text(pieces);
  const room = Math.min(old.length, value.length);
  let tail = 0;
  const most = Math.min(room, value.length - Math.min(caret, value.length));
  while (tail < most && old.at(-1 - tail) === value.at(-1 - tail)) tail += 1;
  let head = 0;
  while (head < room - tail && old[head] === value[head]) head += 1;
  [head, tail] = betweenSigns(old, value, head, tail);
  return spliced(pieces, head, old.length - tail, value.slice(head, value.length - tail));
}

/** Less of what both texts begin and end with, where that is half of a sign. */
function betweenSigns(old, value, head, tail) {
  const start = Math.min(borderBefore(old, head), borderBefore(value, head));
  const rest = (one) => one.length - borderAfter(one, one.length - tail);
  const end = Math.min(rest(old), rest(value));
  return start === head && end === tail ? [head, tail] : betweenSigns(old, value, start, end);
}

/** Replace the characters from start to end: text goes to the change that it touches. */
function spliced(pieces, start, end, inserted) {
  const host = hostOf(pieces, start, end);
  const result = [];
  let place = 0;
  pieces.forEach((piece, index) => {
    const from = Math.max(start - place, 0);
    const to = Math.min(end - place, piece.now.length);
    const come = index === host ? inserted : "";
    if (to < from || (to === from && !come)) result.push(piece);
    else if (outcome(piece) || piece.hunk) {
      result.push({ ...piece, now: piece.now.slice(0, from) + come + piece.now.slice(to) });
    } else result.push(...split(piece, from, to, come));
    place += piece.now.length;
  });
  if (host < 0) result.push({ before: "", after: "", now: inserted, hunk: 0 });
  return joined(result);
}

/** Which piece takes the new text: a change that it touches, else the one around it. */
function hostOf(pieces, start, end) {
  let place = 0;
  let around = -1;
  for (const [index, piece] of pieces.entries()) {
    const stop = place + piece.now.length;
    if (start <= stop && end >= place) {
      if (piece.hunk || outcome(piece)) return index;
      if (around < 0) around = index;
    }
    place = stop;
  }
  return around;
}

function split({ now }, from, to, come) {
  const same = (part) => ({ before: part, after: part, now: part, hunk: 0 });
  const gone = now.slice(from, to);
  const own = { before: gone, after: gone, now: come, hunk: 0 };
  return [same(now.slice(0, from)), own, same(now.slice(to))];
}

/** Neighbours of one kind become one; what is empty on every side goes. */
function joined(pieces) {
  const result = [];
  for (const piece of pieces) {
    if (!piece.hunk && !piece.before && !piece.now) continue;
    const last = result.at(-1);
    if (last && !last.hunk && !piece.hunk && Boolean(outcome(last)) === Boolean(outcome(piece))) {
      last.before += piece.before;
      last.after += piece.after;
      last.now += piece.now;
    } else result.push({ ...piece });
  }
  return result;
}

/** Where a piece begins and ends in the text now. */
export function span(pieces, wanted) {
  const index = pieces.indexOf(wanted);
  const start = text(pieces.slice(0, index)).length;
  return [start, start + wanted.now.length];
}

/** How many words the text now has and lacks, against the raw text. */
export function counted(pieces) {
  const changed = pieces.filter(({ before, now }) => before !== now);
  return {
    added: changed.reduce((sum, { now }) => sum + wordCount(now), 0),
    removed: changed.reduce((sum, { before }) => sum + wordCount(before), 0),
    changes: changed.length,
  };
}
