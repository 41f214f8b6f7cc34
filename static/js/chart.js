// Curves over training steps, drawn by uPlot from the JSON beside them: one run while it
// is trained, or some runs laid over each other. The server names and chooses them.

import { word } from "./page.js";

const WHOLE_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];
const HEIGHT = 260;

let chart = null;

export function refresh() {
  const place = document.getElementById("chart");
  const source = document.getElementById("curve");
  if (!place || !source || !window.uPlot) return;
  const curve = JSON.parse(source.textContent);
  place.hidden = curve.x.length < 2;
  if (place.hidden) return;
  const values = [curve.x, ...curve.series.map((each) => each.values)];
  if (chart?.root.isConnected) chart.setData(values);
  else chart = new window.uPlot(options(place, curve.series), values, place);
}

function options(place, series) {
  const axis = {
    stroke: () => colour(place, "axis"),
    grid: { stroke: () => colour(place, "grid"), width: 1 },
    ticks: { stroke: () => colour(place, "grid"), width: 1 },
    font: `12px ${getComputedStyle(place).fontFamily}`,
    labelFont: `12px ${getComputedStyle(place).fontFamily}`,
  };
  const axes = [
    { ...axis, label: word("step"), labelSize: 18, size: 34, incrs: WHOLE_STEPS },
    { ...axis, scale: "loss", label: word("lossUnit"), labelSize: 18, size: 46 },
  ];
  if (series.some((each) => each.scale === "rate")) {
    const short = (_, values) => values.map((value) => value.toExponential(0));
    const own = { scale: "rate", side: 1, size: 52, values: short };
    axes.push({ ...axis, ...own, grid: { show: false }, label: word("rate"), labelSize: 18 });
  }
  return {
    width: place.clientWidth - padding(place),
    height: HEIGHT,
    scales: { x: { time: false }, rate: { range: (_, low, high) => [0, high * 1.05] } },
    cursor: { y: false },
    series: [{ label: word("step") }, ...series.map((each) => line(place, each))],
    axes,
  };
}

function line(place, { label, look, scale, hue }) {
  const stroke = () => colour(place, `hue-${hue}`);
  const digits = (value) => (scale === "rate" ? value.toExponential(2) : value.toFixed(3));
  return {
    label,
    scale,
    stroke,
    width: look === "dash" ? 1 : 2,
    dash: look === "line" ? undefined : look === "dash" ? [2, 3] : [6, 4],
    spanGaps: true,
    points: { show: look === "points", size: 7, fill: stroke },
    value: (_, value) => (value == null ? "–" : digits(value)),
  };
}

// A canvas knows no custom properties: ask an element that has the colour.
function colour(place, name) {
  const found = place.querySelector(`.${name}`) ?? place.querySelector(".axis");
  return getComputedStyle(found).color;
}

function padding(place) {
  const style = getComputedStyle(place);
  return parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
}

/** Draw anew in other colours: the legend takes its own only when it is made. */
export function repaint() {
  chart?.destroy();
  chart = null;
  refresh();
}

window.addEventListener("resize", () => {
  const place = document.getElementById("chart");
  if (chart?.root.isConnected && place) {
    chart.setSize({ width: place.clientWidth - padding(place), height: HEIGHT });
  }
});

window
  .matchMedia("(prefers-color-scheme: dark)")
  .addEventListener("change", repaint);
