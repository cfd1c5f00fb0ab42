// The first hour in an app of React: the component shows the trace of the calculator.

import { getTrace } from "mlflow-ag2";
import "mlflow-ag2/view";
import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { firstHour } from "./hour.js";

const experiment = new URLSearchParams(location.search).get("experiment");
const hour = firstHour(location.origin, experiment);
hour.then(
  (seen) => (globalThis.hour = seen),
  (error) => (globalThis.failed = String(error)),
);

function App() {
  const [trace, setTrace] = useState(null);
  useEffect(() => {
    void hour.then(async ({ calculator }) => setTrace(await getTrace(calculator.traceId)));
  }, []);
  return trace === null ? <p>The agents are talking.</p> : <mlflow-trace feedback="" trace={trace} />;
}

createRoot(document.querySelector("main")).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
