// Charts from JSON in the page: {"labels": [...], "series": [{"name", "values"}]}. Kinds: bar, hbar (lying), stacked, line, pie.
//
// SVG, so that they are sharp and print; tooltips as rich text, for the default ones write style attributes, which
// the content security policy refuses. The table beside the chart says the same; the chart folds it away.
import { BarChart, LineChart, PieChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, LineChart, PieChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

const still = window.matchMedia("(prefers-reduced-motion: reduce)");

function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function palette() {
  return [1, 2, 3, 4, 5, 6].map((number) => token(`--chart-${number}`));
}

function seriesOf(kind, data) {
  if (kind === "pie") {
    const values = data.series[0]?.values ?? [];
    const slices = data.labels.map((name, at) => ({ name, value: Number(values[at]) }));
    return [{ type: "pie", radius: ["45%", "75%"], data: slices, label: { color: token("--text") } }];
  }
  return data.series.map((one) => ({
    name: one.name,
    type: kind === "line" ? "line" : "bar",
    stack: kind === "stacked" ? "all" : undefined,
    barMaxWidth: 36,
    data: one.values.map(Number),
  }));
}

function axes(kind, data, unit) {
  if (kind === "pie") return {};
  const quiet = { color: token("--text-muted") };
  const line = { lineStyle: { color: token("--line") } };
  if (kind === "hbar") {
    return {
      grid: { left: 8, right: 24, top: 8, bottom: 8, containLabel: true },
      xAxis: { type: "value", name: unit, nameTextStyle: quiet, axisLabel: quiet, minInterval: 1, splitLine: line },
      yAxis: { type: "category", data: data.labels, inverse: true, axisLabel: quiet, axisLine: line },
    };
  }
  return {
    grid: { left: 8, right: 16, top: 32, bottom: data.series.length > 1 ? 36 : 8, containLabel: true },
    xAxis: { type: "category", data: data.labels, axisLabel: { ...quiet, hideOverlap: true }, axisLine: line },
    yAxis: { type: "value", name: unit, nameTextStyle: quiet, axisLabel: quiet, splitLine: line },
  };
}

function optionsOf(kind, data, unit) {
  return {
    animation: !still.matches,
    color: palette(),
    textStyle: { fontFamily: token("--font"), color: token("--text") },
    tooltip: {
      trigger: kind === "pie" ? "item" : "axis",
      renderMode: "richText",
      backgroundColor: token("--surface"),
      borderColor: token("--line"),
      textStyle: { color: token("--text"), fontSize: 12 },
    },
    legend: {
      show: kind !== "pie" && data.series.length > 1,
      bottom: 0,
      textStyle: { color: token("--text-muted") },
    },
    ...axes(kind, data, unit),
    series: seriesOf(kind, data),
  };
}

function draw(box) {
  const source = document.getElementById(box.dataset.chart);
  const data = JSON.parse(source.textContent);
  box.hidden = false;
  const chart = init(box, null, { renderer: "svg" });
  const paint = () => chart.setOption(optionsOf(box.dataset.chartKind, data, box.dataset.chartUnit), true);
  paint();
  box.closest("figure")?.querySelector(".chart-table")?.removeAttribute("open");
  new ResizeObserver(() => chart.resize()).observe(box);
  new MutationObserver(paint).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
}

/** Draw every chart of the page. */
export function setUpCharts() {
  for (const box of document.querySelectorAll("[data-chart]")) draw(box);
}
