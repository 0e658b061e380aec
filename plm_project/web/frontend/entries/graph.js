// Pages with a graph of products.
import { setUpGraphs } from "../js/graph.js";

setUpGraphs();
