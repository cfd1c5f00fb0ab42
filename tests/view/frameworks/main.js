// One app of each framework: all show the same trace, and store which span is selected.

import { getTrace, init, startSpan } from "mlflow-ag2";
import "mlflow-ag2/view";
import { showByPreact } from "./preact.jsx";
import { showBySolid } from "./solid.jsx";
import { showByVue } from "./vue.js";

init({ trackingUri: "memory:" });
const root = startSpan({ name: "answer" });
startSpan({ name: "look up", spanType: "TOOL", parent: root }).end();
root.end();
const trace = await getTrace(root.traceId);
globalThis.selected = {};
for (const [name, show] of Object.entries({ preact: showByPreact, solid: showBySolid, vue: showByVue })) {
  const place = document.createElement("section");
  document.querySelector("main").append(place);
  show(place, name, trace, ({ detail }) => (globalThis.selected[name] = detail.span?.name));
}
globalThis.isReady = true;
