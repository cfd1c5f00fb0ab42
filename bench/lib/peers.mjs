/** The tracers that are measured beside each other: the names of their files in `peers/`. */

/** This package. */
export const OURS = "mlflow-ag2";
/** The least that a tracer must do; no package, and it sends nothing. */
export const FLOOR = "floor";
/** The tracer that targets are compared with. */
export const BASE = "otel-json";
/** All, in the order in which they are measured. */
export const PEERS = [
  OURS,
  FLOOR,
  BASE,
  "otel-proto",
  "langfuse",
  "openinference",
  "braintrust",
  "langsmith",
  "sentry",
  "openai-agents",
];
/** The packages, whose exports to a server can be measured. */
export const PACKAGES = PEERS.filter((peer) => peer !== FLOOR);
/** What the targets are made of, which is measured most often. */
export const AIMED = [OURS, FLOOR, BASE];
