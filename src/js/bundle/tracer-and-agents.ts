/** The tracer and the agents as one module, of which `mlflow-ag2/bundle/tracer-and-agents.js` is made. */

export * from "../entry/inline.js";
export * from "../agents/index.js";
