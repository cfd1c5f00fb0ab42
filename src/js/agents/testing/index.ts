/**
 * `mlflow-ag2/agents/testing`: a scripted model.
 *
 * @module mlflow-ag2/agents/testing
 */

export type { Script, ScriptMatch, ScriptStep } from "./script.js";
export { ScriptedModel } from "./scripted-model.js";
