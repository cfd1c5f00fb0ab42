/**
 * Both relays in a Hono app, with the same variables as node.js: `npm install hono @hono/node-server`, `node hono.js`.
 * In Deno, Bun and Workers the app is the same, without `serve`.
 */

import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { createModelRelay, modelSettingsFrom } from "./model-relay.js";
import { createRelay, settingsFrom } from "./relay.js";

const traces = createRelay(settingsFrom(process.env));
const models = createModelRelay(modelSettingsFrom(process.env));

const app = new Hono();
app.all("/mlflow/*", (context) => traces(context.req.raw));
app.all("/model/*", (context) => models(context.req.raw));
// The app's own pages:
app.get("/", (context) => context.text("Hello."));

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 8000) }, ({ port }) =>
  console.log(`Listening on port ${port}`),
);
