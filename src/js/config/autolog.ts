/** `autolog()`, with the hooks of third-party libraries. */

import { addLibraries, setLibraryHooks } from "../instrument/third-party/libraries.js";
import { type AutologOptions, startAutolog } from "./start-autolog.js";

/**
 * Records every conversation of AG2-style agents from now on, whether the agents exist already or
 * not. Takes effect before it returns; calling it again changes nothing but the options given.
 *
 * Where a realm has several copies of this package (a hot reload, micro frontends), each conversation is one trace of
 * the copy that called this last, and `disable: true`, `disable()` and `enable()` of any copy apply to all of them.
 *
 * Frameworks with listeners of their own are switched on by one line each, not by this (docs/frameworks.md):
 * `openaiAgents(agents)` of `mlflow-ag2/openai-agents`, `otel()` of `mlflow-ag2/otel`, `langchain()` of
 * `mlflow-ag2/langchain`, `ai()` of `mlflow-ag2/ai`, `agUi()` of `mlflow-ag2/ag-ui`, `mastra()` of
 * `mlflow-ag2/mastra`.
 *
 * @throws MlflowAg2Error `invalid_argument` for options it does not know.
 * @example
 * autolog();
 * autolog({ disable: true });
 */
export function autolog(options: AutologOptions = {}): void {
  startAutolog(options, { addLibraries, setLibraryHooks });
}
