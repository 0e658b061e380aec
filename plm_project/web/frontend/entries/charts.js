// Pages with charts.
import { setUpCharts } from "../js/chart.js";

setUpCharts();
