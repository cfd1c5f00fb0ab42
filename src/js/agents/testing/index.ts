/**
 * `mlflow-ag2/agents/testing`: a model that plays a script.
 *
 * @module mlflow-ag2/agents/testing
 */

export type { Script, ScriptMatch, ScriptStep } from "./script.js";
export { ScriptedModel } from "./scripted-model.js";
