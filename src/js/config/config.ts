/**
 * What the program sets: where traces go, and all options at once. The core holds what is set; this
 * file hands it over.
 */

import type { Bridge } from "../bridge/bridge.js";
import { provideWasm, loadBridge, loadedBridge, loadError, type WasmSource } from "../bridge/loader.js";
import { handOverTrackingUri, handOverWorkspace, readEnvironment } from "./environment.js";
import { invalid, MlflowAg2Error, type ErrorCode } from "../util/errors.js";
import { wakeExporter, wakeForAwaiter } from "../export/exporter.js";
import { changeTransport, type TransportSettings } from "../export/settings.js";
import { readAuthentication, type AuthenticationOptions } from "./options/authentication.js";
import { check } from "./options/check.js";
import { readLimits, type LimitOptions } from "./options/limits.js";
import { readOtlpEndpoint, type OtlpEndpointOptions } from "./options/otlp-endpoint.js";
import { readPersist, type PersistOptions } from "./options/persist.js";
import { type PrivacyOptions, setPrivacy } from "./options/privacy.js";
import { type SamplingOptions, setSampling } from "./options/sampling.js";
import { readRequestOptions, type RequestOptions } from "./options/requests.js";
import { isEnabled } from "../util/switch.js";
import { forgetWarnings } from "../util/warn.js";

/** An experiment of the tracking server. */
export interface Experiment {
  /** The server's id, digits as a rule; "0" is its default experiment. */
  readonly experimentId: string;
  /** What people call it; unique on the server, or in the workspace. */
  readonly name: string;
}

/** Which experiment is meant: by name (made if missing) or by id (must exist). */
export interface ExperimentOptions {
  /** Made if the server has none of that name. Default: the environment's `MLFLOW_EXPERIMENT_NAME`. */
  experimentName?: string;
  /** Of one that exists. Default: the environment's `MLFLOW_EXPERIMENT_ID`, which wins over the name there. */
  experimentId?: string;
}

/** Everything about the tracer that can be set at once. */
export interface InitOptions
  extends ExperimentOptions,
    AuthenticationOptions,
    RequestOptions,
    LimitOptions,
    OtlpEndpointOptions,
    PrivacyOptions,
    SamplingOptions {
  /** As for `setTrackingUri`. */
  trackingUri?: string;
  /**
   * Keeps what was not delivered on this machine, readable for whoever can read there, and delivers
   * it at the next start (docs/persistence.md). `false` erases what is kept. Default: nothing is kept.
   */
  persist?: boolean | PersistOptions;
  /** For `mlflow-ag2/slim` only: the WebAssembly, as bytes or compiled. */
  wasm?: WasmSource;
}

const DEFAULT_TRACKING_URI = "memory:";

/**
 * Sets several things at once; what is left out stays as it is. Requests that were refused for lack
 * of credentials are tried again after it.
 *
 * @throws MlflowAg2Error `invalid_argument`, `invalid_tracking_uri`, `invalid_otlp_endpoint`.
 * @example
 * const token = await (await fetch("/mlflow-token")).text();
 * init({ trackingUri: "https://mlflow.example.org", experimentName: "AG2", token });
 */
export function init(options: InitOptions): void {
  const { trackingUri, experimentName, experimentId, wasm } = options;
  // Read before anything is set: a mistake in one option must not leave half of the others behind.
  check(options);
  const transport = { ...readAuthentication(options), ...readRequestOptions(options) };
  const setLimits = readLimits(options);
  const setEndpoint = readOtlpEndpoint(options, trackingUri);
  const persist = readPersist(options.persist);
  readEnvironment();
  setPrivacy(options);
  setSampling(options);
  if (wasm !== undefined) provideWasm(wasm);
  if (setLimits !== undefined) withCore(setLimits);
  if (setEndpoint !== undefined) {
    withCore(setEndpoint);
    forgetWarnings();
    wakeExporter();
  }
  persist?.();
  if (trackingUri !== undefined) setTrackingUri(trackingUri);
  if (Object.keys(transport).length > 0) changeRequests(transport);
  if (experimentName !== undefined || experimentId !== undefined) {
    void setExperiment({
      ...(experimentName === undefined ? {} : { experimentName }),
      ...(experimentId === undefined ? {} : { experimentId }),
    });
  }
}

/** What the server refused before, it may take now. */
function changeRequests(transport: Partial<TransportSettings>): void {
  changeTransport(transport);
  const bridge = loadedBridge();
  if (bridge !== undefined) {
    handOverWorkspace(bridge);
    bridge.tracer.configurationChanged();
  }
  forgetWarnings();
  wakeExporter();
}

function withCore(action: (bridge: Bridge) => void): void {
  const bridge = loadBridge();
  if (bridge !== undefined) action(bridge);
}

/**
 * Sets where traces go: "http(s)://…" of an MLflow tracking server, or "memory:" to keep the last
 * ones in this program. Default: the environment's `MLFLOW_TRACKING_URI`, else "memory:".
 *
 * @throws MlflowAg2Error `invalid_tracking_uri`, with the cure in the sentence.
 * @example
 * setTrackingUri("http://localhost:5000");
 */
export function setTrackingUri(uri: string): void {
  if (typeof uri !== "string") throw invalid(`the tracking URI must be text, not \`${String(uri)}\``);
  const bridge = loadBridge();
  if (bridge === undefined) return;
  handOverTrackingUri(bridge, uri);
  forgetWarnings();
  wakeExporter();
}

/**
 * Where traces go. Loads nothing.
 *
 * @example
 * if (getTrackingUri() === "memory:") console.log("traces stay in this program");
 */
export function getTrackingUri(): string {
  const bridge = loadBridge();
  return bridge?.core.trackingUri() ?? DEFAULT_TRACKING_URI;
}

/**
 * Sets the experiment that traces go to; one that is named and missing is made. Need not be
 * awaited: spans wait for it. Default: the environment's `MLFLOW_EXPERIMENT_ID` or
 * `MLFLOW_EXPERIMENT_NAME`, else the server's default experiment, "0".
 *
 * @returns the experiment, once the server has named it; while tracing is switched off, at once,
 *   with what was given and the rest empty.
 * @throws MlflowAg2Error `invalid_argument` at once; the promise rejects with the code of what
 *   is wrong, such as `experiment_not_found` or `unreachable`; left unawaited, that is only warned about.
 * @example
 * setExperiment("AG2");
 * @example
 * const { experimentId } = await setExperiment({ experimentName: "AG2" });
 */
export function setExperiment(which: string | ExperimentOptions): Promise<Experiment> {
  const { experimentName, experimentId } = typeof which === "string" ? { experimentName: which } : which;
  const text = experimentName ?? experimentId;
  if (typeof text !== "string" || text.trim() === "" || (experimentName !== undefined && experimentId !== undefined)) {
    throw invalid(
      'an experiment has a name or an id: `setExperiment("my experiment")` or `setExperiment({ experimentId: "1" })`',
    );
  }
  const bridge = loadBridge();
  const promise =
    bridge === undefined
      ? Promise.reject<Experiment>(loadError())
      : experimentOf(bridge, text, experimentName !== undefined);
  // Nobody has to await this; a rejection that nobody sees must not end the program.
  promise.catch(() => {});
  return promise;
}

async function experimentOf(bridge: Bridge, text: string, isName: boolean): Promise<Experiment> {
  // Set before anything is waited for. While nothing is sent, a program that awaits this must not wait for a response.
  const found = bridge.core.setExperiment(text, isName, isEnabled());
  forgetWarnings();
  wakeForAwaiter();
  try {
    const { id, name } = (await found) as { id: string; name: string };
    return { experimentId: id, name };
  } catch (refused) {
    const { code, message } = refused as { code: ErrorCode; message: string };
    throw new MlflowAg2Error(code, message);
  }
}
