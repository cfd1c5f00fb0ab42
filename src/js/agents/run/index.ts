/**
 * `mlflow-ag2/agents/run`: runs, which are chats that emit events.
 *
 * @module mlflow-ag2/agents/run
 */

export { run, runIter, type RunIterOptions, type RunOptions, sequentialRun } from "./run.js";
export type { RunEvent, RunEventFields, RunEventType } from "../observe/run-event.js";
export type { ExecutorSetup } from "./run-executor.js";
export type { RunResponse } from "./run-response.js";
