// The dashboard's charts: lines and bars over days, drawn by uPlot from the JSON beside
// each. Without this module the tables behind them say the same.

const HEIGHT = 240;
const DASHES = { line: undefined, dash: [8, 4], dots: [2, 3], long: [14, 4, 2, 4] };
let drawn = [];

/** Draw all charts on the page anew: after a load, a swap, a change of colours. */
export function draw() {
  for (const { chart } of drawn) chart.destroy();
  drawn = [];
  if (!window.uPlot) return;
  for (const place of document.querySelectorAll("[data-plot]")) {
    const plot = JSON.parse(document.getElementById(place.dataset.plot).textContent);
    place.hidden = plot.x.length < 2;
    if (place.hidden) continue;
    const values = [plot.x, ...plot.series.map((each) => each.values)];
    drawn.push({ place, chart: new window.uPlot(options(place, plot), values, place) });
  }
}

function options(place, plot) {
  const font = `12px ${getComputedStyle(place).fontFamily}`;
  const axis = {
    stroke: colour(place, "axis"),
    grid: { stroke: colour(place, "grid"), width: 1 },
    ticks: { stroke: colour(place, "grid"), width: 1, size: 4 },
    font,
    labelFont: font,
  };
  const day = new Intl.DateTimeFormat(document.documentElement.lang, {
    timeZone: "UTC",
    dateStyle: "medium",
  });
  const spacing = plot.x[1] - plot.x[0];
  return {
    width: width(place),
    height: HEIGHT,
    tzDate: (seconds) => window.uPlot.tzDate(new Date(seconds * 1000), "UTC"),
    cursor: { y: false, points: { size: 6 } },
    scales: {
      x: { range: (_, low, high) => [low - spacing * 0.7, high + spacing * 0.7] },
      y: { range: (_, __, high) => [0, (high || 1) * 1.08] },
    },
    series: [
      { label: plot.begins, value: (_, at) => (at == null ? "–" : day.format(at * 1000)) },
      ...plot.series.map((each) => series(place, each)),
    ],
    axes: [
      { ...axis, size: 44, space: 64, grid: { show: false }, values: dates() },
      { ...axis, size: 50, space: 34, label: plot.unit, labelSize: 18, values: short },
    ],
  };
}

// Ticks at days say the day, and the month where it changes; the first says the year.
function dates() {
  const lang = document.documentElement.lang;
  const form = (parts) => new Intl.DateTimeFormat(lang, { timeZone: "UTC", ...parts });
  const day = form({ day: "numeric", month: "short" });
  const year = form({ year: "numeric" });
  return (_, ticks) =>
    ticks.map((at, place) => {
      const date = new Date(at * 1000);
      const before = place && new Date(ticks[place - 1] * 1000).getUTCFullYear();
      const turns = before !== date.getUTCFullYear();
      return turns ? `${day.format(date)}\n${year.format(date)}` : day.format(date);
    });
}

const short = (_, ticks) =>
  ticks.map((value) => (value >= 10_000 ? `${value / 1000}k` : value.toLocaleString("en")));

function series(place, { label, hue, look, digits }) {
  const stroke = colour(place, `hue-${hue}`);
  const bars = look === "bars";
  return {
    label,
    stroke,
    width: bars ? 0 : 2,
    fill: bars ? `color-mix(in srgb, ${stroke} 45%, transparent)` : undefined,
    paths: bars ? window.uPlot.paths.bars({ size: [0.75, 32] }) : undefined,
    dash: DASHES[look],
    points: { show: false },
    value: (_, value) => (value == null ? "–" : value.toFixed(digits)),
  };
}

// A canvas knows no custom properties: ask an element that has the colour.
function colour(place, name) {
  return getComputedStyle(place.querySelector(`.${name}`)).color;
}

function width(place) {
  const style = getComputedStyle(place);
  return place.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
}

window.addEventListener("resize", () => {
  for (const { place, chart } of drawn) {
    chart.setSize({ width: width(place), height: HEIGHT });
  }
});

window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
