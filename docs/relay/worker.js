// The relay of relay.js as a Worker: `wrangler secret put MLFLOW_TRACKING_TOKEN`, and MLFLOW_TRACKING_URI among the
// vars.
export { default } from "./relay.js";
