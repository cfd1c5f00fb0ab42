/**
 * Both relays in an Express app, with the same variables as node.js: `npm install express`, `node express.js`. They
 * come before `express.json()` and the like, since they read the bodies of their requests themselves.
 */

import express from "express";
import { nodeListener } from "./common.js";
import { createModelRelay, modelSettingsFrom } from "./model-relay.js";
import { createRelay, settingsFrom } from "./relay.js";

const app = express();
app.use("/mlflow", nodeListener(createRelay(settingsFrom(process.env))));
app.use("/model", nodeListener(createModelRelay(modelSettingsFrom(process.env))));
app.use(express.json());
// The app's own pages:
app.get("/", (_request, response) => void response.send("Hello."));

const server = app.listen(Number(process.env.PORT ?? 8000), () =>
  console.log(`Listening on port ${server.address().port}`),
);
