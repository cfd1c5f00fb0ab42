/** The option `persist` of `init()`. */

import { invalid } from "../../util/errors.js";
import { enablePersistence, disablePersistence } from "../../export/persistence/index.js";

/** Where undelivered spans are stored, and how many of them. */
export interface PersistOptions {
  /**
   * The most bytes (as on the wire) that are stored, of all tabs or processes together; beyond that the oldest
   * are removed. Default: 16 MiB.
   */
  maxBytes?: number;
  /** How long spans stay stored, in milliseconds. Default: 7 days. */
  maxAgeMs?: number;
  /** The folder, in hosts that store files. Default: ".mlflow-ag2" in the working directory. */
  folder?: string;
}

/** Half of the buffer in memory, so that restored spans leave room for new ones. */
const MAX_BYTES = 16 << 20;
const MAX_AGE_MS = 7 * 24 * 3600 * 1000;
/** In the working directory, where MLflow too has its `mlruns`. */
const FOLDER = ".mlflow-ag2";

/**
 * Validates the option and returns a function that applies it; `undefined` if it is not given.
 *
 * @throws MlflowAg2Error `invalid_argument`.
 */
export function readPersist(option: boolean | PersistOptions | undefined): (() => void) | undefined {
  if (option === undefined) return undefined;
  const isObject = typeof option === "object" && option !== null;
  const { maxBytes = MAX_BYTES, maxAgeMs = MAX_AGE_MS, folder = FOLDER, ...unknownOptions } = isObject ? option : {};
  const isValid =
    maxBytes > 0 && maxAgeMs > 0 && typeof folder === "string" && Object.keys(unknownOptions).length === 0;
  if (!isValid || !(isObject || typeof option === "boolean"))
    throw invalid(
      "`persist` is true, false, or an object of positive numbers `maxBytes` and `maxAgeMs` and a path `folder`",
    );
  return () => (option === false ? disablePersistence(folder) : enablePersistence(folder, { maxBytes, maxAgeMs }));
}
