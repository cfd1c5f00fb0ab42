/**
 * A relay for the model calls of pages: it adds the model's key, which the page does not have. In the page:
 * `llmConfig: { baseUrl: location.origin + "/model", model: "gpt-4o-mini" }`. It needs common.js beside it.
 *
 *   Deno      MODEL_URL=https://api.openai.com/v1 MODEL_KEY=… RELAY_MODELS=gpt-4o-mini \
 *             deno run --allow-net --allow-env model-relay.js
 *   Node      the same variables, and `node model-relay.js`
 *   Workers   as relay.js
 *
 * In front of the rest of a server, with the relay for traces: node.js, express.js, hono.js and next.
 */

import {
  answer,
  checkCaller,
  concealed,
  forward,
  guarded,
  mediaType,
  readBody,
  readText,
  refuse,
  serveIfMain,
} from "./common.js";

const MAX_BYTES = 2_000_000;

/**
 * Makes the relay. `baseUrl` and `key` are those of an OpenAI-compatible API; `models` are those that pages may use;
 * `maxTokens` limits each answer; `prefix` is "/model"; `origins`, `hosts`, `maxBytes` and `authorize` as for
 * `createRelay`. Without `authorize` anyone who can call the relay uses your key.
 */
export function createModelRelay({ baseUrl, key, models, prefix = "/model", maxTokens, ...options }) {
  const { origins, hosts, maxBytes = MAX_BYTES, authorize, fetch: fetchUpstream = fetch } = options;
  if (!baseUrl || !key) throw new Error("the relay needs `baseUrl` and `key`: set MODEL_URL and MODEL_KEY");
  if (!models?.length) throw new Error("the relay needs `models`: set RELAY_MODELS");
  return guarded(async (request) => {
    const url = new URL(request.url);
    checkCaller(request, url, { origins, hosts });
    if (url.pathname !== `${prefix}/chat/completions` || url.search !== "")
      refuse(404, "path_not_allowed", `the relay forwards ${prefix}/chat/completions only`);
    if (request.method !== "POST") refuse(405, "method_not_allowed", "the method must be POST", { allow: "POST" });
    const refused = await authorize?.(request);
    if (refused) return refused;
    if (mediaType(request) !== "application/json")
      refuse(415, "unsupported_type", "the content type must be application/json");
    const asked = parsed(await readBody(request, maxBytes));
    if (!models.includes(asked.model))
      refuse(403, "model_not_allowed", "the relay does not offer this model: set RELAY_MODELS");
    const limit = asked.max_completion_tokens === undefined ? "max_tokens" : "max_completion_tokens";
    if (maxTokens !== undefined && !(asked[limit] <= maxTokens)) asked[limit] = maxTokens;
    const response = await forward(fetchUpstream, request, `${baseUrl.replace(/\/$/, "")}/chat/completions`, {
      method: "POST",
      // A compressed stream would arrive in larger pieces.
      headers: { "content-type": "application/json", "accept-encoding": "identity", authorization: `Bearer ${key}` },
      body: JSON.stringify(asked),
    });
    return answer(response, response.ok ? response.body : concealed(await readText(response), key));
  }, origins);
}

function parsed(body) {
  try {
    const asked = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    if (typeof asked === "object" && asked !== null && !Array.isArray(asked)) return asked;
  } catch {
    // As below.
  }
  return refuse(400, "invalid_body", "the body is no JSON object");
}

/** The settings from environment variables; lists are separated by commas. */
export function modelSettingsFrom(env) {
  const list = (name) => (env[name] ? env[name].split(",").map((item) => item.trim()) : undefined);
  return {
    baseUrl: env.MODEL_URL,
    key: env.MODEL_KEY,
    models: list("RELAY_MODELS"),
    maxTokens: env.RELAY_MAX_TOKENS ? Number(env.RELAY_MAX_TOKENS) : undefined,
    origins: list("RELAY_ORIGINS"),
    hosts: list("RELAY_HOSTS"),
  };
}

let worker;
export default { fetch: (request, env) => (worker ??= createModelRelay(modelSettingsFrom(env)))(request) };

serveIfMain(import.meta, (env) => createModelRelay(modelSettingsFrom(env)));
