/**
 * What the environment variables say that MLflow's Python reads, taken in at first use and before
 * anything that the program sets, which wins. A wrong value is nobody's call: it is warned about, and
 * the default stays.
 */

import type { Bridge } from "../bridge/bridge.js";
import { whenLoaded } from "../bridge/loader.js";
import { invalid, MlflowAg2Error, mustBe } from "../util/errors.js";
import { environment } from "../util/host.js";
import { checkedRatio, setRatio } from "../instrument/sampling.js";
import { changeTransport, trackingUriChanged, transportSettings } from "../export/settings.js";
import { readAuthentication } from "./options/authentication.js";
import { isTimeout, isWorkspace } from "./options/requests.js";
import { warnOnce } from "../util/warn.js";

let hasRead = false;

/** Takes in what the core need not be told, the first time it is called. */
export function readEnvironment(): void {
  if (hasRead) return;
  hasRead = true;
  // As Python does it: a name and a password, both not empty, else the token (mlflow/utils/rest_utils.py, `http_request`).
  const hasName = take(
    "invalid_argument",
    ["MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"],
    (username, password) => changeTransport(readAuthentication({ username, password })),
  );
  if (!hasName)
    take("invalid_argument", ["MLFLOW_TRACKING_TOKEN"], (token) => changeTransport(readAuthentication({ token })));
  take("invalid_argument", ["MLFLOW_WORKSPACE"], (workspace) => {
    if (!isWorkspace(workspace)) throw mustBe("a name such as `team-a`", "workspace", workspace);
    changeTransport({ workspace: workspace.trim() });
  });
  take("invalid_argument", ["MLFLOW_HTTP_REQUEST_TIMEOUT"], (seconds) => {
    const timeoutMs = Number(seconds) * 1000;
    if (!isTimeout(timeoutMs)) throw invalid(`it must be a number of seconds above 0, not \`${seconds}\``);
    changeTransport({ timeoutMs });
  });
  // As in Python (mlflow/tracing/provider.py, `_get_trace_sampler`).
  take("invalid_sampling_ratio", ["MLFLOW_TRACE_SAMPLING_RATIO"], (ratio) =>
    setRatio(checkedRatio("samplingRatio", Number(ratio))),
  );
}

/** Tells the core which workspace is meant. */
export function handOverWorkspace(bridge: Bridge): void {
  bridge.core.setWorkspace(transportSettings().workspace ?? "");
}

/**
 * Tells the core where traces go.
 *
 * @throws MlflowAg2Error `invalid_tracking_uri`.
 */
export function handOverTrackingUri(bridge: Bridge, uri: string): void {
  const before = bridge.core.trackingUri();
  const wrong = bridge.core.setTrackingUri(uri);
  if (wrong !== undefined) throw new MlflowAg2Error("invalid_tracking_uri", wrong);
  trackingUriChanged(before, bridge.core.trackingUri());
}

function configure(bridge: Bridge): void {
  readEnvironment();
  handOverWorkspace(bridge);
  take("invalid_tracking_uri", ["MLFLOW_TRACKING_URI"], (uri) => handOverTrackingUri(bridge, uri));
  const hasId = take("invalid_argument", ["MLFLOW_EXPERIMENT_ID"], (id) => setExperiment(bridge, id, false));
  if (!hasId) take("invalid_argument", ["MLFLOW_EXPERIMENT_NAME"], (name) => setExperiment(bridge, name, true));
}

function setExperiment(bridge: Bridge, text: string, isName: boolean): void {
  // Nobody awaits it; what is wrong is warned about by the exporter.
  bridge.core.setExperiment(text, isName, true).catch(() => {});
}

/** Calls `use` with the values of these variables if all have one that is not empty; returns whether they have. */
function take<const Names extends readonly string[]>(
  code: string,
  names: Names,
  use: (...values: { [Index in keyof Names]: string }) => void,
): boolean {
  const values = names.map(environment);
  if (!values.every((value) => value?.trim())) return false;
  try {
    use(...(values as { [Index in keyof Names]: string }));
  } catch (error) {
    warnOnce(code, `${names.join(", ")}: ${(error as Error).message}`);
  }
  return true;
}

whenLoaded(configure);
