/**
 * The configuration by the program: where traces go, and all options at once. The core holds the
 * configuration; this file passes it on.
 */

import type { Bridge } from "../bridge/bridge.js";
import {
  provideWasm,
  loadBridge,
  loadedBridge,
  isCoreAwaited,
  loadError,
  unlessCoreFails,
  withCore,
} from "../bridge/loader.js";
import type { WasmSource } from "../bridge/webassembly.js";
import { applyTrackingUri, applyWorkspace, applyEnvironment } from "./environment.js";
import { invalid, MlflowAg2Error, type ErrorCode } from "../util/errors.js";
import { wakeExporter, wakeForAwaiter } from "../export/exporter.js";
import { changeTransport, type TransportSettings } from "../export/settings.js";
import { readAuthentication, type AuthenticationOptions } from "./options/authentication.js";
import { checkInitOptions } from "./options/check.js";
import { readLimits, type LimitOptions } from "./options/limits.js";
import { readOtlpEndpoint, type OtlpEndpointOptions } from "./options/otlp-endpoint.js";
import { readPersist, type PersistOptions } from "./options/persist.js";
import { type PrivacyOptions, setPrivacy } from "./options/privacy.js";
import { type SamplingOptions, setSampling } from "./options/sampling.js";
import { setTraceDefaultOptions, type TraceDefaultOptions } from "./options/trace-defaults.js";
import { readRequestOptions, type RequestOptions } from "./options/requests.js";
import { countIfAwaited } from "../util/awaited.js";
import { isRequestScopedHost } from "../util/host.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import { isEnabled } from "../util/enablement.js";
import { errorMessage } from "../util/safe-access.js";
import { settingsChanged, warnOnce } from "../util/warn.js";

/** An experiment of the tracking server. */
export interface Experiment {
  /** The server's id, digits as a rule; "0" is its default experiment. */
  readonly experimentId: string;
  /** Its name; unique on the server, or in the workspace. */
  readonly name: string;
}

/** An experiment, by name (created if missing) or by id (must exist). */
export interface ExperimentOptions {
  /** Created if the server has none of that name. Default: the environment's `MLFLOW_EXPERIMENT_NAME`. */
  experimentName?: string;
  /**
   * The id of an experiment that exists. Default: the environment's `MLFLOW_EXPERIMENT_ID`, which takes
   * precedence over its name.
   */
  experimentId?: string;
}

/** The rules of the options of `setExperiment`. */
const EXPERIMENT_OPTIONS: OptionRules<ExperimentOptions> = { experimentName: "any", experimentId: "any" };

/** Everything about the tracer that can be set at once. */
export interface InitOptions
  extends ExperimentOptions,
    AuthenticationOptions,
    RequestOptions,
    LimitOptions,
    OtlpEndpointOptions,
    PrivacyOptions,
    SamplingOptions,
    TraceDefaultOptions {
  /** As for `setTrackingUri`. */
  trackingUri?: string;
  /**
   * Stores undelivered spans on this machine, readable for every user who can read there, and delivers
   * them at the next start (docs/persistence.md). `false` erases the stored ones. Default: nothing is stored.
   */
  persist?: boolean | PersistOptions;
  /** For `mlflow-ag2/slim` only: the WebAssembly, as bytes or compiled. */
  wasm?: WasmSource;
}

/** The address that was set last, for as long as the core has yet to come. */
let requestedUri = "memory:";
/** Addresses in which nothing can be wrong that the core would find (src/export/endpoint.rs). */
const PLAIN_ADDRESS = /^(memory:|https?:\/\/[\w.-]+(:\d+)?(\/[\w./-]*)?)$/;

/**
 * Sets several options at once; an option that is left out stays as it is. Requests that were refused for lack
 * of credentials are sent again after it.
 *
 * @throws MlflowAg2Error `invalid_argument`, `invalid_tracking_uri`, `invalid_otlp_endpoint`.
 * @example
 * const token = await (await fetch("/mlflow-token")).text();
 * init({ trackingUri: "https://mlflow.example.org", experimentName: "AG2", token });
 */
export function init(options: InitOptions): void {
  // Read before anything is set: a mistake in one option must not leave half of the others set.
  checkInitOptions(options);
  const { trackingUri, experimentName, experimentId, wasm } = options;
  const transport = { ...readAuthentication(options), ...readRequestOptions(options) };
  const setLimits = readLimits(options);
  const setEndpoint = readOtlpEndpoint(options, trackingUri);
  const persist = readPersist(options.persist);
  applyEnvironment();
  setPrivacy(options);
  setSampling(options);
  setTraceDefaultOptions(options);
  if (wasm !== undefined) provideWasm(wasm);
  if (setLimits !== undefined) withCore((bridge) => bridge && setLimits(bridge));
  if (setEndpoint !== undefined) setDestination(options.otlpEndpoint ?? "", setEndpoint);
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

/** Changes how requests are sent, and retries: what the server refused before, it may accept now. */
function changeRequests(transport: Partial<TransportSettings>): void {
  changeTransport(transport);
  settingsChanged(transport);
  const bridge = loadedBridge();
  if (bridge !== undefined) {
    applyWorkspace(bridge);
    bridge.tracer.configurationChanged();
  }
  wakeExporter();
}

/** Passes an address to the core by `set`, which throws what is wrong with it. */
function setDestination(address: string, set: (bridge: Bridge) => void, mayBeWrong = false): void {
  // The core says what is wrong with an address: at once, unless it has yet to come.
  if (mayBeWrong || !PLAIN_ADDRESS.test(address)) loadBridge();
  const isLate = isCoreAwaited();
  requestedUri = address;
  withCore((bridge) => {
    if (bridge === undefined) return;
    try {
      set(bridge);
    } catch (error) {
      if (!isLate) throw error;
      warnOnce((error as MlflowAg2Error).code, errorMessage(error));
    }
    settingsChanged({ endpoint: address });
    wakeExporter();
  });
}

/**
 * Sets where traces go: "http(s)://…" of an MLflow tracking server, or "memory:" to keep the last
 * ones in this program. Default: the environment's `MLFLOW_TRACKING_URI`, else "memory:".
 *
 * @throws MlflowAg2Error `invalid_tracking_uri`, with the remedy in the message.
 * @example
 * setTrackingUri("http://localhost:5000");
 */
export function setTrackingUri(uri: string): void {
  if (typeof uri !== "string") throw invalid(`the tracking URI must be text, not \`${String(uri)}\``);
  setDestination(uri, (bridge) => applyTrackingUri(bridge, uri), uri.includes("/v1/traces"));
}

/**
 * Where traces go.
 *
 * @example
 * if (getTrackingUri() === "memory:") console.log("traces stay in this program");
 */
export function getTrackingUri(): string {
  const bridge = loadBridge();
  return bridge?.core.trackingUri() || requestedUri;
}

/**
 * Sets the experiment that traces go to; a missing one is created if it is given by name. Need not be
 * awaited: spans wait for it. Default: the environment's `MLFLOW_EXPERIMENT_ID` or
 * `MLFLOW_EXPERIMENT_NAME`, else the server's default experiment, "0".
 *
 * @returns the experiment, once the server has identified it; while tracing is disabled, at once,
 *   with what was given and the rest empty.
 * @throws MlflowAg2Error `invalid_argument` at once; the promise rejects with the code of the
 *   failure, such as `experiment_not_found` or `unreachable`; left unawaited, that is only warned about.
 * @example
 * setExperiment("AG2");
 * @example
 * const { experimentId } = await setExperiment({ experimentName: "AG2" });
 */
export function setExperiment(which: string | ExperimentOptions): Promise<Experiment> {
  const options = typeof which === "string" ? { experimentName: which } : which;
  checkOptions("setExperiment", options, EXPERIMENT_OPTIONS);
  const { experimentName, experimentId }: ExperimentOptions = options;
  const text = experimentName ?? experimentId;
  if (typeof text !== "string" || text.trim() === "" || (experimentName !== undefined && experimentId !== undefined)) {
    throw invalid(
      'an experiment has a name or an id: `setExperiment("my experiment")` or `setExperiment({ experimentId: "1" })`',
    );
  }
  const promise = experimentOf(text, experimentName !== undefined);
  // The promise need not be awaited; an unhandled rejection must not end the program.
  promise.catch(() => {});
  // A Worker has no end that a request could delay.
  return isRequestScopedHost() ? promise : countIfAwaited(promise);
}

function experimentOf(text: string, isName: boolean): Promise<Experiment> {
  return new Promise((resolve) => {
    withCore((bridge) => resolve(findExperiment(bridge, text, isName)));
  });
}

async function findExperiment(bridge: Bridge | undefined, text: string, isName: boolean): Promise<Experiment> {
  // Set before the first `await`. While tracing is disabled, a program that awaits this must not wait for a response.
  const found = bridge?.core.setExperiment(text, isName, isEnabled());
  settingsChanged({ experiment: text, isName });
  wakeForAwaiter();
  try {
    const experiment = (await unlessCoreFails(found)) as { id: string; name: string } | undefined;
    if (experiment === undefined) throw loadError() ?? new Error("the core has given no experiment");
    return { experimentId: experiment.id, name: experiment.name };
  } catch (refused) {
    const { code, message } = refused as { code: ErrorCode; message: string };
    throw new MlflowAg2Error(code, message);
  }
}
