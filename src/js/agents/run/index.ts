/**
 * `mlflow-ag2/agents/run`: chats that can be followed event by event.
 *
 * @module mlflow-ag2/agents/run
 */

export { run, runIter, type RunIterOptions, type RunOptions, sequentialRun } from "./run.js";
export type { RunEvent, RunEventFields, RunEventType } from "../run-event.js";
export type { ExecutorSetup } from "./run-executor.js";
export type { RunResponse } from "./run-response.js";
