/** `status()` in one word with the fix, `isEnabled()` and `stats()`, each in a program of its own. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { runOrThrow } from "../support/child.js";
import { projectRoot } from "../support/project.js";

const MARK = "RESULT ";

interface Result {
  status: string;
  enabled: boolean;
  stats: Record<string, unknown>;
}

/** What a program that runs `code` reports in the end. */
async function outcomeOf(code: string, environment: Record<string, string> = {}): Promise<Result> {
  const program = `
    ${/^prelude:(.*);$/m.exec(code)?.[1] ?? ""};
    const { autolog, disable, enable, flush, init, isEnabled, startSpan, stats, status } = await import("mlflow-ag2");
    ${code.replace(/^prelude:.*;$/m, "")}
    console.log("${MARK}" + JSON.stringify({ status: status(), enabled: isEnabled(), stats: stats() }));`;
  const output = await runOrThrow(process.execPath, ["--input-type=module", "-e", program], {
    cwd: projectRoot,
    environment,
  });
  const line = output.split("\n").find((text) => text.startsWith(MARK));
  assert.ok(line, output);
  return JSON.parse(line.slice(MARK.length)) as Result;
}

const ROWS: readonly (readonly [what: string, code: string, status: RegExp, enabled: boolean, flag?: string])[] = [
  ["nothing was called", "", /^off: autolog was not called; call `autolog\(\)`/, true],
  ["autolog was called", "autolog();", /^on$/, true],
  [
    "autolog was disabled",
    "autolog(); autolog({ disable: true });",
    /^off: autolog\(\{ disable: true \}\) was called; call/,
    true,
  ],
  ["disable was called", "autolog(); disable();", /^off: disable\(\) was called; call `enable\(\)`$/, false],
  ["enable was called after it", "autolog(); disable(); enable();", /^on$/, true],
  ["a flag is set", "autolog();", /^off: disabled by MLFLOW_AG2_DISABLED; unset it/, false, "MLFLOW_AG2_DISABLED"],
  [
    "OpenTelemetry's flag is set",
    "autolog();",
    /^off: disabled by OTEL_SDK_DISABLED; unset/,
    false,
    "OTEL_SDK_DISABLED",
  ],
  [
    "the page's flag is set",
    "autolog(); globalThis.MLFLOW_AG2_DISABLED = true;",
    /^off: disabled by globalThis.MLFLOW_AG2_DISABLED; delete it$/,
    false,
  ],
  [
    "the flag wins over enable",
    "autolog(); globalThis.MLFLOW_AG2_DISABLED = true; enable();",
    /^off: disabled by globalThis/,
    false,
  ],
  [
    "the host refuses WebAssembly",
    'prelude:WebAssembly.Module = class { constructor() { throw new EvalError("refused by policy"); } };\nautolog();',
    /^blocked: .*'wasm-unsafe-eval'.*refused by policy/,
    true,
  ],
  [
    "no server answers",
    `autolog(); init({ trackingUri: "http://127.0.0.1:9" });
    startSpan({ name: "waits" }).end(); await flush({ timeoutMs: 300 });`,
    /^on, waiting for the server since \d{4}-\d\d-\d\dT[\d:.]+Z: .*did not answer/,
    true,
  ],
];

for (const [what, code, expected, enabled, flag] of ROWS)
  test(`where ${what}, the status says so with the fix`, async () => {
    const result = await outcomeOf(code, flag === undefined ? {} : { [flag]: "true" });
    assert.match(result.status, expected);
    assert.equal(result.enabled, enabled);
  });

test("the counts have the same keys before and after the first span, and where there is no core", async () => {
  const [before, after, blocked] = await Promise.all([
    outcomeOf(""),
    outcomeOf('startSpan({ name: "counted" }).end();'),
    outcomeOf(ROWS.find(([what]) => what === "the host refuses WebAssembly")![1]),
  ]);
  const keys = ({ stats }: Result): string[][] =>
    [stats, stats["dropped"] as object].map((counts) => Object.keys(counts).sort());
  assert.deepEqual(keys(before), keys(after));
  assert.deepEqual(
    keys(blocked)[0]!.filter((key) => key !== "unavailable"),
    keys(after)[0],
  );
});

test("a server that is none of MLflow's, as behind a wrong port, is `not_mlflow`", async () => {
  const server = createServer((_, response) => {
    response.writeHead(404, { "content-type": "text/html" }).end("<h1>Not found</h1>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { stats } = await outcomeOf(
      `init({ trackingUri: "${uri}" }); startSpan({ name: "waits" }).end(); await flush({ timeoutMs: 500 });`,
    );
    assert.equal((stats["lastError"] as { code: string }).code, "not_mlflow");
  } finally {
    server.close();
  }
});
