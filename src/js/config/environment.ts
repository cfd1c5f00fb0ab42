/**
 * The environment variables that MLflow's Python reads, applied at first use and before anything that
 * the program sets, which takes precedence. A wrong value has no caller to throw to: it is warned about,
 * and the default stays.
 */

import type { Bridge } from "../bridge/bridge.js";
import { whenLoaded } from "../bridge/loader.js";
import { invalid, MlflowAg2Error, invalidValue } from "../util/errors.js";
import { environmentVariable } from "../util/host.js";
import { checkedSamplingRatio, setSamplingRatio } from "../instrument/sampling.js";
import { changeTransport, trackingUriChanged, transportSettings } from "../export/settings.js";
import { readAuthentication } from "./options/authentication.js";
import { isTimeout, isWorkspace } from "./options/requests.js";
import { warnOnce } from "../util/warn.js";

let hasRead = false;

/** Applies the variables that do not need the core, the first time it is called. */
export function applyEnvironment(): void {
  if (hasRead) return;
  hasRead = true;
  // As in Python: a name and a password, both not empty, else the token (mlflow/utils/rest_utils.py, `http_request`).
  const hasName = applyVariables(
    "invalid_argument",
    ["MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"],
    (username, password) => changeTransport(readAuthentication({ username, password })),
  );
  if (!hasName)
    applyVariables("invalid_argument", ["MLFLOW_TRACKING_TOKEN"], (token) =>
      changeTransport(readAuthentication({ token })),
    );
  applyVariables("invalid_argument", ["MLFLOW_WORKSPACE"], (workspace) => {
    if (!isWorkspace(workspace)) throw invalidValue("a name such as `team-a`", "workspace", workspace);
    changeTransport({ workspace: workspace.trim() });
  });
  applyVariables("invalid_argument", ["MLFLOW_HTTP_REQUEST_TIMEOUT"], (seconds) => {
    const timeoutMs = Number(seconds) * 1000;
    if (!isTimeout(timeoutMs)) throw invalid(`it must be a number of seconds above 0, not \`${seconds}\``);
    changeTransport({ timeoutMs });
  });
  // As in Python (mlflow/tracing/provider.py, `_get_trace_sampler`).
  applyVariables("invalid_sampling_ratio", ["MLFLOW_TRACE_SAMPLING_RATIO"], (ratio) =>
    setSamplingRatio(checkedSamplingRatio("samplingRatio", Number(ratio))),
  );
}

/** Passes the workspace to the core. */
export function applyWorkspace(bridge: Bridge): void {
  bridge.core.setWorkspace(transportSettings().workspace ?? "");
}

/**
 * Passes the tracking URI to the core.
 *
 * @throws MlflowAg2Error `invalid_tracking_uri`.
 */
export function applyTrackingUri(bridge: Bridge, uri: string): void {
  const before = bridge.core.trackingUri();
  const wrong = bridge.core.setTrackingUri(uri);
  if (wrong !== undefined) throw new MlflowAg2Error("invalid_tracking_uri", wrong);
  trackingUriChanged(before, bridge.core.trackingUri());
}

function applyEnvironmentToCore(bridge: Bridge): void {
  applyEnvironment();
  applyWorkspace(bridge);
  applyVariables("invalid_tracking_uri", ["MLFLOW_TRACKING_URI"], (uri) => applyTrackingUri(bridge, uri));
  const hasId = applyVariables("invalid_argument", ["MLFLOW_EXPERIMENT_ID"], (id) => setExperiment(bridge, id, false));
  if (!hasId)
    applyVariables("invalid_argument", ["MLFLOW_EXPERIMENT_NAME"], (name) => setExperiment(bridge, name, true));
}

function setExperiment(bridge: Bridge, text: string, isName: boolean): void {
  // Not awaited: the exporter warns about a failure.
  bridge.core.setExperiment(text, isName, true).catch(() => {});
}

/** Calls `use` with the values of these variables if all of them are set and not empty; returns whether they are. */
function applyVariables<const Names extends readonly string[]>(
  code: string,
  names: Names,
  use: (...values: { [Index in keyof Names]: string }) => void,
): boolean {
  const values = names.map(environmentVariable);
  if (!values.every((value) => value?.trim())) return false;
  try {
    use(...(values as { [Index in keyof Names]: string }));
  } catch (error) {
    warnOnce(code, `${names.join(", ")}: ${(error as Error).message}`);
  }
  return true;
}

whenLoaded(applyEnvironmentToCore);
