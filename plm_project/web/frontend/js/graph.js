// Products in layers from left to right, out of JSON in the page: {"nodes": [{number, name, layer, row, is_end, url}],
// "edges": [[child, parent, quantity]]}. The server lays it out; a table on the same page says the same.
import { GraphChart } from "echarts/charts";
import { TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([GraphChart, TooltipComponent, SVGRenderer]);

const COLUMN = 190;
const ROW = 30;
const LAST_LABEL = 150; // room for the numbers behind the last layer
const QUIET_EDGES = 150; // beyond that, quantities on the lines hide the lines

const still = window.matchMedia("(prefers-reduced-motion: reduce)");

function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function sizes(nodes) {
  const rows = [];
  for (const node of nodes) rows[node.layer] = Math.max(rows[node.layer] ?? 0, node.row + 1);
  return rows;
}

function optionsOf(data, rows, height, width) {
  const middle = (node) => ((node.row + 0.5) * height) / rows[node.layer];
  const nodes = data.nodes.map((node, at) => ({
    id: String(at),
    name: node.number,
    value: node.name,
    url: node.url,
    x: node.layer * COLUMN,
    y: middle(node),
    symbol: node.is_end ? "rect" : "circle",
    symbolSize: at === 0 ? 14 : 9,
    itemStyle: { color: token(at === 0 ? "--signal" : node.is_end ? "--chart-2" : "--chart-1") },
    label: { show: true, position: "right", color: token("--text"), fontSize: 11 },
  }));
  const links = data.edges.map(([child, parent, quantity]) => ({
    source: String(child),
    target: String(parent),
    value: quantity,
    label: { show: data.edges.length <= QUIET_EDGES, formatter: `${quantity}`, color: token("--text-muted"), fontSize: 10 },
  }));
  return {
    animation: !still.matches,
    textStyle: { fontFamily: token("--font"), color: token("--text") },
    tooltip: {
      renderMode: "richText",
      backgroundColor: token("--surface"),
      borderColor: token("--line"),
      textStyle: { color: token("--text"), fontSize: 12 },
      formatter: ({ dataType, data: shown }) =>
        dataType === "edge"
          ? `${data.nodes[shown.source].number} → ${data.nodes[shown.target].number}: ${shown.value}`
          : `${shown.name} ${shown.value}`,
    },
    series: [
      {
        type: "graph",
        layout: "none",
        left: 16,
        top: 20,
        width: Math.max(width - 16 - LAST_LABEL, (rows.length - 1) * COLUMN, 1), // given, for else the shape is kept
        height: Math.max(height - 40, 1),
        data: nodes,
        links,
        edgeSymbol: ["none", "arrow"],
        edgeSymbolSize: 6,
        lineStyle: { color: token("--line-strong"), width: 1, curveness: 0.08 },
        emphasis: { focus: "adjacency" },
      },
    ],
  };
}

function draw(box) {
  const data = JSON.parse(document.getElementById(box.dataset.graph).textContent);
  const rows = sizes(data.nodes);
  const height = Math.max(...rows) * ROW + 40;
  box.style.height = `${Math.max(height, 180)}px`;
  box.style.minWidth = `${(rows.length - 1) * COLUMN + 16 + LAST_LABEL}px`;
  const chart = init(box, null, { renderer: "svg" });
  const paint = () => chart.setOption(optionsOf(data, rows, height, box.clientWidth), true);
  paint();
  chart.on("click", { dataType: "node" }, ({ data: node }) => window.location.assign(node.url));
  new ResizeObserver(() => {
    chart.resize();
    paint();
  }).observe(box);
  new MutationObserver(paint).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
}

/** Draw every graph of the page. */
export function setUpGraphs() {
  for (const box of document.querySelectorAll("[data-graph]")) draw(box);
}
