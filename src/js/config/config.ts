/**
 * What the program sets: where traces go, and all options at once. The core holds what is set; this
 * file hands it over.
 */

import type { Border } from "../bridge/border.js";
import { bringWasm, core, loadedCore, whyNoCore, type WasmSource } from "../bridge/core.js";
import { handOverTrackingUri, handOverWorkspace, readEnvironment } from "./environment.js";
import { invalid, MlflowAg2Error, type ErrorCode } from "../util/errors.js";
import { afterEachAnswer, deliverForWaiter, deliverSoon } from "../export/deliver.js";
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
  extends ExperimentOptions, AuthenticationOptions, RequestOptions, LimitOptions, OtlpEndpointOptions, PrivacyOptions, SamplingOptions {
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
  if (wasm !== undefined) bringWasm(wasm);
  if (setLimits !== undefined) withCore(setLimits);
  if (setEndpoint !== undefined) {
    withCore(setEndpoint);
    forgetWarnings();
    deliverSoon();
  }
  persist?.();
  if (trackingUri !== undefined) setTrackingUri(trackingUri);
  if (Object.keys(transport).length > 0) changeRequests(transport);
  if (experimentName !== undefined || experimentId !== undefined) {
    void setExperiment({ ...(experimentName === undefined ? {} : { experimentName }), ...(experimentId === undefined ? {} : { experimentId }) });
  }
}

/** What the server refused before, it may take now. */
function changeRequests(transport: Partial<TransportSettings>): void {
  changeTransport(transport);
  const border = loadedCore();
  if (border !== undefined) {
    handOverWorkspace(border);
    border.tracer.configurationChanged();
  }
  forgetWarnings();
  deliverSoon();
}

function withCore(action: (border: Border) => void): void {
  const border = core();
  if (border !== undefined) action(border);
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
  const border = core();
  if (border === undefined) return;
  handOverTrackingUri(border, uri);
  forgetWarnings();
  deliverSoon();
}

/**
 * Where traces go. Loads nothing.
 *
 * @example
 * if (getTrackingUri() === "memory:") console.log("traces stay in this program");
 */
export function getTrackingUri(): string {
  const border = core();
  return border?.said(border.tracer.trackingUri()) ?? DEFAULT_TRACKING_URI;
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
    throw invalid('an experiment has a name or an id: `setExperiment("my experiment")` or `setExperiment({ experimentId: "1" })`');
  }
  const border = core();
  const promise = border === undefined ? Promise.reject<Experiment>(whyNoCore()) : experimentOf(border, text, experimentName !== undefined);
  // Nobody has to await this; a rejection that nobody sees must not end the program.
  promise.catch(() => {});
  return promise;
}

let waiting: { resolve(experiment: Experiment): void; reject(error: unknown): void } | undefined;

function experimentOf(border: Border, text: string, isName: boolean): Promise<Experiment> {
  waiting?.reject(new MlflowAg2Error("experiment_replaced", "another experiment was set before this one was found"));
  const lengthBytes = border.text(text);
  border.tracer.setExperiment(isName, lengthBytes);
  forgetWarnings();
  const promise = new Promise<Experiment>((resolve, reject) => {
    waiting = { resolve, reject };
  });
  settleExperiment(border);
  if (!isEnabled()) {
    // No request is made now, and a program that awaits this must not wait for one.
    waiting?.resolve({ experimentId: isName ? "" : text, name: isName ? text : "" });
    waiting = undefined;
  }
  deliverForWaiter();
  return promise;
}

interface ExperimentState {
  readonly state: "unset" | "waiting" | "ready" | "failed";
  /** What does not apply is missing. */
  readonly id?: string;
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
}

function settleExperiment(border: Border): void {
  if (waiting === undefined) return;
  const { state, id = "", name = "", code, message = "" } = border.json<ExperimentState>(border.tracer.experiment())!;
  if (state === "ready") waiting.resolve({ experimentId: id, name });
  else if (state === "failed") waiting.reject(new MlflowAg2Error(code as ErrorCode, message));
  else return;
  waiting = undefined;
}

afterEachAnswer(settleExperiment);
