/** Searches the traces of an experiment by its name, and prints how many there are. */

import * as mlflow from "mlflow-ag2";
import { report, settings } from "./host.js";

const { trackingUri, experiment } = settings();

mlflow.init({ trackingUri });
const { traces } = await mlflow.searchTraces({ experimentNames: [experiment] });
report({ traces: traces.length });
