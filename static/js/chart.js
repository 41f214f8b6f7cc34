// The loss curve of a run, drawn by uPlot from the JSON beside it and kept over polls.

import { word } from "./page.js";

const WHOLE_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];

let chart = null;

export function refresh() {
  const place = document.getElementById("chart");
  const source = document.getElementById("curve");
  if (!place || !source || !window.uPlot) return;
  const curve = JSON.parse(source.textContent);
  place.hidden = curve.steps.length < 2;
  if (place.hidden) return;
  const values = [curve.steps, curve.loss, curve.held_out];
  if (chart?.root.isConnected) chart.setData(values);
  else chart = new window.uPlot(options(place), values, place);
}

function options(place) {
  const axis = {
    stroke: () => colour(place, "axis"),
    grid: { stroke: () => colour(place, "grid"), width: 1 },
    ticks: { stroke: () => colour(place, "grid"), width: 1 },
    font: `12px ${getComputedStyle(place).fontFamily}`,
    labelFont: `12px ${getComputedStyle(place).fontFamily}`,
  };
  return {
    width: place.clientWidth - padding(place),
    height: 240,
    scales: { x: { time: false } },
    cursor: { y: false },
    series: [
      { label: word("step") },
      {
        label: word("trainLoss"),
        stroke: () => colour(place, "line"),
        width: 2,
        spanGaps: true,
        points: { show: false },
        value: (_, value) => value?.toFixed(3) ?? "–",
      },
      {
        label: word("heldOutLoss"),
        stroke: () => colour(place, "second"),
        width: 2,
        dash: [6, 4],
        spanGaps: true,
        points: { show: true, size: 7, fill: () => colour(place, "second") },
        value: (_, value) => value?.toFixed(3) ?? "–",
      },
    ],
    axes: [
      { ...axis, label: word("step"), labelSize: 18, size: 34, incrs: WHOLE_STEPS },
      { ...axis, label: word("lossUnit"), labelSize: 18, size: 46 },
    ],
  };
}

// A canvas knows no custom properties: ask an element that has the colour.
function colour(place, name) {
  return getComputedStyle(place.querySelector(`.${name}`)).color;
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
    chart.setSize({ width: place.clientWidth - padding(place), height: 240 });
  }
});

window
  .matchMedia("(prefers-color-scheme: dark)")
  .addEventListener("change", repaint);
