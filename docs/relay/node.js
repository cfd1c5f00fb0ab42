/**
 * Both relays in front of an app on Node's `http`. MLFLOW_TRACKING_URI, MLFLOW_TRACKING_TOKEN, MODEL_URL, MODEL_KEY and
 * RELAY_MODELS are set where it runs: `node node.js`.
 */

import { createServer } from "node:http";
import { nodeListener } from "./common.js";
import { createModelRelay, modelSettingsFrom } from "./model-relay.js";
import { createRelay, settingsFrom } from "./relay.js";

const traces = nodeListener(createRelay(settingsFrom(process.env)));
const models = nodeListener(createModelRelay(modelSettingsFrom(process.env)));

const server = createServer((request, response) => {
  if (request.url.startsWith("/mlflow/")) return traces(request, response);
  if (request.url.startsWith("/model/")) return models(request, response);
  // The app's own pages:
  response.end("Hello.");
});
server.listen(Number(process.env.PORT ?? 8000), () => console.log(`Listening on port ${server.address().port}`));
