/**
 * The examples of docs/relay with both relays in one server, by the real packages: a program without a secret chats
 * through them with a model that streams, and its trace arrives at a real MLflow server.
 */

import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { runOrThrow, Service } from "../support/child.js";
import { temporaryFolder } from "../support/folder.js";
import { asyncListener, type LocalServer, listening } from "../support/local-server.js";
import { freePort, type MlflowServer, mlflowServer } from "../support/mlflow-server.js";
import { userProject } from "../support/packed-package.js";
import { projectRoot } from "../support/project.js";
import { toolFile, toolsFolder } from "../support/tools.js";

const RELAYS = join(projectRoot, "docs", "relay");
const KEY = "sk-of-the-server";
const STREAM = { model: "small", messages: [], stream: true };

/** A running example. */
interface Example {
  uri: string;
  stop(): Promise<void>;
}
type Start = (environment: Record<string, string>) => Promise<Example>;

/** Starts a program of docs/relay beside the packages that it imports. */
const program =
  (file: string): Start =>
  async (environment) => {
    const folder = temporaryFolder("relay");
    cpSync(RELAYS, folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    symlinkSync(join(toolsFolder(), "node_modules"), join(folder, "node_modules"));
    return served([file], folder, environment, /Listening/);
  };

/** Builds and starts an app of Next.js with the routes of docs/relay; it is below the tools, where it finds Next.js. */
const nextApp: Start = async (environment) => {
  const folder = mkdtempSync(join(toolsFolder(), "next-relay-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(RELAYS, "next"), folder, { recursive: true });
  mkdirSync(join(folder, "lib"));
  for (const file of ["common.js", "model-relay.js", "relay.js"]) cpSync(join(RELAYS, file), join(folder, "lib", file));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  cpSync(join(projectRoot, "tests", "hosts", "next", "app", "layout.jsx"), join(folder, "app", "layout.jsx"));
  const next = toolFile("next/dist/bin/next");
  await runOrThrow(process.execPath, [next, "build"], {
    cwd: folder,
    environment: { NEXT_TELEMETRY_DISABLED: "1" },
    timeoutMs: 400_000,
  });
  const port = environment["PORT"] ?? "";
  return served([next, "start", "--port", port, "--hostname", "127.0.0.1"], folder, environment, /Ready/);
};

async function served(
  parameters: string[],
  cwd: string,
  environment: Record<string, string>,
  ready: RegExp,
): Promise<Example> {
  const service = new Service(process.execPath, parameters, { cwd, environment });
  await service.until(() => (ready.test(service.printed) ? true : undefined), 180_000);
  return { uri: `http://127.0.0.1:${environment["PORT"]}`, stop: () => service.stop() };
}

const EXAMPLES: Record<string, Start> = {
  "Node's http": program("node.js"),
  Express: program("express.js"),
  Hono: program("hono.js"),
  "Next.js": nextApp,
};

/** A chunk of a streamed completion, as a server-sent event. */
function chunk(delta: object, finish_reason: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason }];
  return `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", model: "small", choices })}\n\n`;
}

/** A model that requires a key. Its stream pauses after the first chunk, if the request says so. */
class StreamingModel {
  readonly keys: (string | undefined)[] = [];
  /** Sends the rest of the stream that pauses. */
  continue: () => void = () => undefined;
  /** Resolves when the caller of the stream that pauses has left. */
  left: Promise<void> = Promise.resolve();

  readonly listener = asyncListener(async (request: IncomingMessage, response: ServerResponse) => {
    const asked = (await json(request)) as { messages: object[] };
    this.keys.push(request.headers.authorization);
    if (request.headers.authorization !== `Bearer ${KEY}`) return void response.writeHead(401).end();
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(chunk({ role: "assistant", content: "Lis" }));
    const rest = (): void => void response.end(`${chunk({ content: "bon." })}${chunk({}, "stop")}data: [DONE]\n\n`);
    this.left = new Promise((resolve) => response.once("close", resolve));
    if (asked.messages.length > 0) rest();
    else this.continue = rest;
  });
}

for (const [where, start] of Object.entries(EXAMPLES))
  describe(`the relays in ${where}`, () => {
    const model = new StreamingModel();
    const stops: (() => unknown)[] = [];
    let mlflow: MlflowServer;
    let models: LocalServer;
    let example: Example;

    before(async () => {
      mlflow = await mlflowServer();
      stops.push(() => mlflow.stop());
      models = await listening(createServer(model.listener));
      stops.push(() => models.stop());
      example = await start({
        MLFLOW_TRACKING_URI: mlflow.uri,
        MODEL_URL: `http://127.0.0.1:${models.port}`,
        MODEL_KEY: KEY,
        RELAY_MODELS: "small",
        PORT: String(await freePort()),
      });
      stops.push(() => example.stop());
    });
    after(async () => {
      for (const stop of stops.reverse()) await stop();
    });

    const ask = (path: string, init: { headers?: Record<string, string>; body: string; signal?: AbortSignal }) =>
      fetch(example.uri + path, {
        method: "POST",
        ...init,
        headers: { "content-type": "application/json", ...init.headers },
      });

    test("a program without a secret chats with the model and stores its trace", async () => {
      const project = await userProject(fileURLToPath(new URL("programs", import.meta.url)));
      const experiment = `relayed by ${where}`;
      const printed = await runOrThrow(process.execPath, ["relayed_chat.js", example.uri, experiment], {
        cwd: project,
      });
      const { answer, traceId, delivered } = JSON.parse(printed) as Record<string, unknown>;
      assert.deepEqual([answer, delivered], ["Lisbon.", 3]);
      const stored = await fetch(`${mlflow.uri}/api/3.0/mlflow/traces/${String(traceId)}`);
      assert.equal(stored.status, 200);
      assert.deepEqual([...new Set(model.keys)], [`Bearer ${KEY}`]);
    });

    test("a stream arrives while the model still sends it", async () => {
      const response = await ask("/model/chat/completions", { body: JSON.stringify(STREAM) });
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      let text = (await reader.read()).value ?? "";
      assert.match(text, /"Lis"/);
      model.continue();
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) text += piece.value;
      assert.match(text, /"bon\."[\s\S]*\[DONE\]/);
    });

    test("a caller that leaves ends the model's stream", async () => {
      const caller = new AbortController();
      const response = await ask("/model/chat/completions", { body: JSON.stringify(STREAM), signal: caller.signal });
      await response.body!.getReader().read();
      caller.abort();
      await model.left;
    });

    test("a refusal has a code, and the key is in no response", async () => {
      const good = JSON.stringify(STREAM);
      const evil = { origin: "https://evil.example" };
      const protobuf = { "content-type": "application/x-protobuf" };
      const rows: [status: number, code: string, path: string, body: string, headers?: Record<string, string>][] = [
        [403, "origin_not_allowed", "/model/chat/completions", good, evil],
        [403, "origin_not_allowed", "/mlflow/v1/traces", "x", { ...protobuf, ...evil }],
        [404, "path_not_allowed", "/model/embeddings", good],
        [404, "path_not_allowed", "/mlflow/api/3.0/mlflow/traces/search", "{}"],
        [403, "model_not_allowed", "/model/chat/completions", good.replace("small", "large")],
        [413, "body_too_large", "/model/chat/completions", " ".repeat(2_000_001)],
        [413, "body_too_large", "/mlflow/api/3.0/mlflow/traces", " ".repeat(8_000_001)],
      ];
      for (const [status, code, path, body, headers = {}] of rows) {
        const response = await ask(path, { body, headers }).catch((error: unknown) => {
          // The server may close the connection before a body that is too large has been sent.
          if (status !== 413) throw error;
        });
        if (response === undefined) continue;
        const text = await response.text();
        assert.equal(response.status, status, `${path}: ${text}`);
        const error = JSON.parse(text) as { error_code: string; message: string; error: { code: string } };
        assert.deepEqual([error.error_code, error.error.code, error.message === ""], [code, code, false]);
        assert.equal(text.includes(KEY), false);
      }
    });
  });
