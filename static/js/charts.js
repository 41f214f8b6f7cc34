// Every chart of a page, drawn by uPlot from the JSON beside it: counts over days, the
// curves of training runs over their steps, or what studies measured at several points. The server names the lines and chooses their
// colours. Without this module the tables say the same.

import { language, word } from "./page.js";

const DASHES = { dash: [8, 4], dots: [2, 3], long: [14, 4, 2, 4] };
const KINDS = {
  days: overDays,
  steps: overSteps,
  values: overValues,
  doublings: (place, told) => overValues(place, told, { distr: 3, log: 2 }),
};
const WHOLE_DAYS = [1, 2, 4, 7, 14, 28, 91, 182, 364].map((days) => days * 86_400);
const WHOLE_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];

/** What is drawn, by the element that it is drawn in. */
const drawn = new Map();

/** Draw what has come to the page, and take new numbers into what stands there. */
export function draw() {
  if (!window.uPlot) return;
  for (const place of drawn.keys()) if (!place.isConnected) forget(place);
  for (const place of document.querySelectorAll("[data-chart]")) {
    const source = document.getElementById(place.dataset.chart);
    if (source) fill(place, JSON.parse(source.textContent));
  }
}

function fill(place, told) {
  place.hidden = told.x.length < 2;
  if (place.hidden) return;
  const values = [told.x, ...told.series.map((each) => each.values)];
  if (drawn.has(place)) {
    drawn.get(place).setData(values);
    return;
  }
  const options = KINDS[place.dataset.over](place, told);
  const size = { width: width(place), height: options.height };
  drawn.set(place, new window.uPlot({ ...options, ...size }, values, place));
}

function forget(place) {
  drawn.get(place).destroy();
  drawn.delete(place);
}

/** Draw anew in other colours: a legend takes its own only when it is made. */
export function repaint() {
  for (const place of drawn.keys()) forget(place);
  draw();
}

window.addEventListener("resize", () => {
  for (const [place, chart] of drawn) {
    chart.setSize({ width: width(place), height: chart.height });
  }
});

window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);

// Over days ------------------------------------------------------------------------------

function overDays(place, { x, series, begins, unit }) {
  const [first, second] = x;
  const edge = (second - first) * 0.7;
  const axis = axisOf(place, 4);
  const day = dateForm({ dateStyle: "medium" });
  const overDates = { size: 50, space: 72, grid: { show: false }, incrs: WHOLE_DAYS };
  return {
    height: 240,
    tzDate: (seconds) => window.uPlot.tzDate(new Date(seconds * 1000), "UTC"),
    cursor: { y: false, points: { size: 6 } },
    scales: {
      x: { range: (_, low, high) => [low - edge, high + edge] },
      y: { range: (_, __, high) => [0, (high || 1) * 1.08] },
    },
    series: [
      { label: begins, value: (_, at) => (at == null ? "–" : day.format(at * 1000)) },
      ...series.map((each) => figures(place, each)),
    ],
    axes: [
      { ...axis, ...overDates, values: dates() },
      { ...axis, size: 54, space: 36, label: unit, labelSize: 18, values: short },
    ],
  };
}

function figures(place, { label, hue, look, digits }) {
  const colour = () => colourOf(place, `hue-${hue}`);
  const bars = {
    width: 0,
    fill: () => `color-mix(in srgb, ${colour()} 45%, transparent)`,
    paths: window.uPlot.paths.bars({ size: [0.75, 32] }),
  };
  return {
    label,
    stroke: colour,
    ...(look === "bars" ? bars : { width: 2, dash: DASHES[look] }),
    points: { show: false },
    value: (_, value) => (value == null ? "–" : value.toFixed(digits)),
  };
}

// Ticks at days say the day, and the month where it changes; the first says the year.
function dates() {
  const day = dateForm({ day: "numeric", month: "short" });
  const year = dateForm({ year: "numeric" });
  return (_, ticks) =>
    ticks.map((at, place) => {
      const date = new Date(at * 1000);
      const before = place && new Date(ticks[place - 1] * 1000).getUTCFullYear();
      const turns = before !== date.getUTCFullYear();
      return turns ? `${day.format(date)}\n${year.format(date)}` : day.format(date);
    });
}

function dateForm(parts) {
  return new Intl.DateTimeFormat(language(), { timeZone: "UTC", ...parts });
}

function short(_, ticks) {
  return ticks.map((value) =>
    value >= 10_000 ? `${value / 1000}k` : value.toLocaleString("en"),
  );
}

// Over steps -----------------------------------------------------------------------------

function overSteps(place, { series }) {
  const axis = axisOf(place, 10);
  const axes = [
    { ...axis, label: word("step"), labelSize: 20, size: 36, incrs: WHOLE_STEPS },
    { ...axis, scale: "loss", label: word("lossUnit"), labelSize: 20, size: 50 },
  ];
  if (series.some((each) => each.scale === "rate")) {
    const values = (_, ticks) => ticks.map((value) => (value ? value.toExponential(1) : "0"));
    const own = { scale: "rate", side: 1, size: 58, grid: { show: false }, values };
    axes.push({ ...axis, ...own, label: word("rate"), labelSize: 18 });
  }
  return {
    height: 260,
    scales: { x: { time: false }, rate: { range: (_, __, high) => [0, high * 1.05] } },
    cursor: { y: false },
    series: [{ label: word("step") }, ...series.map((each) => curve(place, each))],
    axes,
  };
}

function curve(place, { label, look, scale, hue }) {
  const colour = () => colourOf(place, `hue-${hue}`);
  const looks = {
    line: { width: 2 },
    dash: { width: 1, dash: [2, 3] },
    points: { width: 2, dash: [6, 4] },
  };
  const digits = (value) => (scale === "rate" ? value.toExponential(2) : value.toFixed(3));
  return {
    label,
    scale,
    stroke: colour,
    ...looks[look],
    spanGaps: true,
    points: { show: look === "points", size: 7, fill: colour },
    value: (_, value) => (value == null ? "–" : digits(value)),
  };
}

// Over values ----------------------------------------------------------------------------

// A measured line between its bounds, and perhaps a law that was fitted to it.
function overValues(place, { series, begins, unit }, scale = {}) {
  const axis = axisOf(place, 6);
  const at = (look) => 1 + series.findIndex((each) => each.look === look);
  const band = () => `color-mix(in srgb, ${colourOf(place, "hue-0")} 18%, transparent)`;
  return {
    height: 280,
    cursor: { y: false },
    scales: {
      x: { time: false, ...scale },
      y: { range: (_, low, high) => [Math.min(0, low), high > 0 ? high * 1.08 : 1] },
    },
    bands: [{ series: [at("high"), at("low")], fill: band }],
    series: [
      { label: begins, value: (_, value) => (value == null ? "–" : plain(value)) },
      ...series.map((each) => bounded(place, each)),
    ],
    axes: [
      { ...axis, label: begins, labelSize: 20, size: 36, values: printedTicks },
      { ...axis, label: unit, labelSize: 18, size: 50, values: printedTicks },
    ],
  };
}

function bounded(place, { label, hue, look, digits }) {
  const colour = () => colourOf(place, `hue-${hue}`);
  const isBound = look === "low" || look === "high";
  return {
    label,
    stroke: colour,
    width: isBound ? 0 : 2,
    dash: DASHES[look],
    spanGaps: true,
    points: { show: look === "points", size: 8, fill: colour },
    value: (_, value) => (value == null ? "–" : value.toFixed(digits)),
  };
}

function printedTicks(_, values) {
  return values.map((value) => (value == null ? "" : plain(value)));
}

function plain(value) {
  return value.toLocaleString("en", { maximumFractionDigits: 2 });
}

// For all -------------------------------------------------------------------------------

function axisOf(place, tick) {
  const font = `14px ${getComputedStyle(place).fontFamily}`;
  const grid = () => colourOf(place, "grid");
  return {
    stroke: () => colourOf(place, "axis"),
    grid: { stroke: grid, width: 1 },
    ticks: { stroke: grid, width: 1, size: tick },
    font,
    labelFont: font,
  };
}

// A canvas knows no custom properties: ask an element that has the colour.
function colourOf(place, name) {
  const found = place.querySelector(`.${name}`) ?? place.querySelector(".axis");
  return getComputedStyle(found).color;
}

function width(place) {
  const style = getComputedStyle(place);
  return place.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
}
