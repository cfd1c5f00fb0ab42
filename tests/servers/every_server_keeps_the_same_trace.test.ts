/**
 * The calculator chat, sent to servers of every kind that people have: what each of them shows
 * afterwards is the same, by OTLP and as files.
 */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, describe, test } from "node:test";
import { runOrThrow } from "../support/child.js";
import { type MlflowServer, mlflowServer, type ServerKind, startMlflowServer } from "../support/mlflow-server.js";
import { type ModelServer, startModelServer } from "../support/model-server.js";
import { userProject } from "../support/packed-package.js";
import { type PageServer, startPageServer } from "../support/page-server.js";
import { oldPython, python, supportFolder } from "../support/project.js";
import type { ChatReport } from "../support/result.js";
import { inChromium, inNode, type HostDriver } from "../support/hosts.js";

const PASSWORD = "a password of the tests";

interface Place extends ServerKind {
  name: string;
  needsPassword?: boolean;
}

const SERVERS: Place[] = [
  { name: "MLflow 3.17.2 that keeps files", store: "files" },
  {
    name: "MLflow 3.17.2 with its basic-auth app",
    needsPassword: true,
    options: ["--app-name", "basic-auth"],
    environment: { MLFLOW_FLASK_SERVER_SECRET_KEY: "a key of the tests", MLFLOW_AUTH_ADMIN_PASSWORD: PASSWORD },
  },
];

/** A trace as MLflow's client shows it (support/oracle/normalise.py). */
interface Stored {
  name: string;
  state: string;
  token_usage: unknown;
  cost: unknown;
  unstable: unknown;
  request_preview: string;
  response_preview: string;
  tags: Record<string, unknown>;
  trace_metadata: Record<string, unknown>;
  spans: Span[];
}

interface Span {
  name: string;
  children: Span[];
}

describe("a calculator chat sent to", () => {
  let model: ModelServer;
  let pages: PageServer;
  let database: MlflowServer;
  let expected: Stored;
  const started = new Map<Place, MlflowServer>();
  const node = inNode();
  const chromium = inChromium();

  before(async () => {
    const project = await userProject(fileURLToPath(new URL("../hosts/programs", import.meta.url)));
    pages = await startPageServer(project);
    await node.open(project, pages);
    await chromium.open(project, pages);
    model = await startModelServer("calculator");
    database = await mlflowServer();
    expected = await storedAfter(node, database.uri, { name: "a database" });
  });
  after(async () => {
    await chromium.close();
    await Promise.all([
      model?.stop(),
      pages?.stop(),
      database?.stop(),
      ...[...started.values()].map((server) => server.stop()),
    ]);
  });

  /** Runs the chat in a host and returns the only trace that the server then has of it. */
  async function storedAfter(driver: HostDriver, uri: string, place: Place): Promise<Stored> {
    await fetch(new URL("/__reset", model.baseUrl), { method: "POST" });
    const experiment = `calculator ${randomUUID()}`;
    const query = new URLSearchParams({ trackingUri: uri, experiment, baseUrl: model.baseUrl, password: PASSWORD });
    const program = place.needsPassword === true ? "calculator_signed_in.js" : "calculator.js";
    const report = (await driver.run(program, `?${query}`)) as ChatReport;
    assert.deepEqual(
      [report.stats["delivered"], report.stats["buffered"], report.stats["dropped"]],
      [24, 0, withoutLosses(report.stats["dropped"])],
      JSON.stringify(report.stats),
    );
    const answer = await runOrThrow(
      place.python ?? python(),
      [join(supportFolder, "stored_traces.py"), uri, experiment],
      {
        cwd: supportFolder,
        environment: {
          MLFLOW_TRACKING_USERNAME: "admin",
          MLFLOW_TRACKING_PASSWORD: PASSWORD,
          PYTHONDONTWRITEBYTECODE: "1",
        },
      },
    );
    const traces = JSON.parse(answer) as Stored[];
    assert.equal(traces.length, 1);
    return traces[0]!;
  }

  function prove(driver: () => HostDriver, host: string, place: Place): void {
    test(`${place.name} from ${host} reads back as from a database`, async () => {
      const server = started.get(place) ?? (await startMlflowServer(place));
      started.set(place, server);
      assert.deepEqual(comparable(await storedAfter(driver(), server.uri, place)), comparable(expected));
    });
  }

  test("MLflow 3.17.2 with a database has its name, previews, tokens and tree", () => {
    assert.equal(expected.name, "initiate_chat");
    assert.equal(expected.request_preview, "What is (44231 + 13312 / (230 - 20)) * 4?");
    assert.match(expected.response_preview, /^The result of .* is 177176/s);
    assert.deepEqual(expected.token_usage, { input_tokens: 1569, output_tokens: 229, total_tokens: 1798 });
    assert.equal(countSpans(expected.spans), 24);
  });
  for (const place of SERVERS) prove(() => node, "Node", place);
  prove(() => node, "Node", { name: "MLflow 3.4.0", python: oldPython() });
  prove(() => chromium, "Chromium", SERVERS[1]!);

  test("MLflow 3.17.2 with a database from Chromium reads back as from Node", async () => {
    assert.deepEqual(
      comparable(await storedAfter(chromium, database.uri, { name: "a database" })),
      comparable(expected),
    );
  });
});

/**
 * The parts of a trace that every server returns: without prices, the server's own tags, and the page or script that it
 * is from.
 */
function comparable({ cost: _, unstable: __, ...stored }: Stored): unknown {
  assert.equal(stored.trace_metadata["mlflow.trace.session"], undefined, "a chat alone is no session");
  const own = ["mlflow.trace.cost", "mlflow.llm.cost", "mlflow.trace_schema.version", "mlflow.trace.spansLocation"];
  const place = ["mlflow.source.name", "mlflow.source.type", "mlflow_ag2.host"];
  const text = JSON.stringify(stored, (key, value: unknown) =>
    [...own, ...place].includes(key) || key.startsWith("mlflow.traceTag.") ? undefined : value,
  );
  return JSON.parse(text);
}

function countSpans(spans: Span[]): number {
  return spans.reduce((sum, { children }) => sum + 1 + countSpans(children), 0);
}

/** The same counts, all 0. */
function withoutLosses(dropped: unknown): Record<string, number> {
  return Object.fromEntries(Object.keys(dropped as object).map((reason) => [reason, 0]));
}
