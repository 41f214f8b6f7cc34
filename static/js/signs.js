// Signs and words of a text in any script: where it may be cut, and how many words it has.
// A sign is what a reader takes for one (a grapheme cluster): an emoji with its skin tone, a
// letter with its accents. The server's twin is annotator/domain/tokens.py; tests/texts.json
// holds both to the same answers.

const UNSPACED =
  "\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uac00-\\ud7af\\uf900-\\ufaff\\u{20000}-\\u{3fffd}" +
  "\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\ua9e0-\\ua9ff\\uaa60-\\uaa7f";
const MARK = "[\\p{M}\\u0e33\\u0eb3\\u200c\\u200d]*";
const WORD = new RegExp(
  `(?:(?![${UNSPACED}])[\\p{L}\\p{N}]${MARK})(?:(?![${UNSPACED}])[\\p{L}\\p{N}_]${MARK})*` +
    `|[\\p{L}\\p{N}]${MARK}`,
  "gu",
);

export function wordCount(text) {
  return (text.match(WORD) ?? []).length;
}

const segmenter = Intl.Segmenter && new Intl.Segmenter("und", { granularity: "grapheme" });

// Where a browser has no Segmenter: nearly the same, and never half a surrogate pair.
const MORE = "[\\p{M}\\p{Emoji_Modifier}\\u200c\\u{e0020}-\\u{e007f}]*";
const SIGN = new RegExp(`\\r\\n|\\p{RI}\\p{RI}|[^]${MORE}(?:\\u200d[^]${MORE})*`, "gu");

/** The sign of the text that holds the place: where it begins and ends. */
function around(text, place) {
  if (segmenter) {
    const { index, segment } = segmenter.segment(text).containing(place);
    return [index, index + segment.length];
  }
  SIGN.lastIndex = 0;
  for (let found = SIGN.exec(text); found; found = SIGN.exec(text)) {
    if (SIGN.lastIndex > place) return [found.index, SIGN.lastIndex];
  }
  return [place, place];
}

/** The place itself if the text may be cut there, else the border before it. */
export function borderBefore(text, place) {
  return place <= 0 || place >= text.length ? place : around(text, place)[0];
}

/** The place itself if the text may be cut there, else the border after it. */
export function borderAfter(text, place) {
  if (place <= 0 || place >= text.length) return place;
  const [start, end] = around(text, place);
  return start === place ? place : end;
}
