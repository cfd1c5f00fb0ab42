/** The option `persist` of `init()`. */

import { invalid } from "../../util/errors.js";
import { keep, keepNothing } from "../../export/persistence/index.js";

/** Where to keep what was not delivered, and how much of it. */
export interface PersistOptions {
  /** Bytes (as on the wire) that are kept at most, of all tabs or processes together; beyond, the oldest go. Default: 16 MiB. */
  maxBytes?: number;
  /** How long anything is kept, in milliseconds. Default: 7 days. */
  maxAgeMs?: number;
  /** The folder, where it is files that are kept. Default: ".mlflow-ag2" in the working directory. */
  folder?: string;
}

/** Half of what waits in memory at most, so that what is restored leaves room for what is new. */
const MAX_BYTES = 16 << 20;
const MAX_AGE_MS = 7 * 24 * 3600 * 1000;
/** In the working directory, where MLflow too has its `mlruns`. */
const FOLDER = ".mlflow-ag2";

/**
 * Sees to it that the option makes sense, and gives what does as it says; `undefined` if it is not given.
 *
 * @throws MlflowAg2Error `invalid_argument`.
 */
export function readPersist(option: boolean | PersistOptions | undefined): (() => void) | undefined {
  if (option === undefined) return undefined;
  const isObject = typeof option === "object" && option !== null;
  const { maxBytes = MAX_BYTES, maxAgeMs = MAX_AGE_MS, folder = FOLDER, ...unknown } = isObject ? option : {};
  const makesSense = maxBytes > 0 && maxAgeMs > 0 && typeof folder === "string" && Object.keys(unknown).length === 0;
  if (!makesSense || !(isObject || typeof option === "boolean"))
    throw invalid(
      "`persist` is true, false, or an object of positive numbers `maxBytes` and `maxAgeMs` and a path `folder`",
    );
  return () => (option === false ? keepNothing(folder) : keep(folder, { maxBytes, maxAgeMs }));
}
