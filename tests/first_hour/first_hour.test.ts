/**
 * The first hour of a user who has nothing but the packed package, in Node, in Deno, in an app of Vite and React and in
 * a page without a bundler, against a real MLflow server: install, the calculator, wrong options, a wrong server, a
 * wrong token, the kill switch, user and session, search, feedback, the view.
 */

import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { MlflowTraceElement } from "mlflow-ag2/view";
import { type BrowserDriver, BROWSERS } from "../support/browser-driver.js";
import { runOrThrow } from "../support/child.js";
import { type MlflowServer, mlflowServer } from "../support/mlflow-server.js";
import { userProject } from "../support/packed-package.js";
import { deno, projectRoot } from "../support/project.js";
import { resultIn } from "../support/result.js";
import { toolFile, toolsFolder } from "../support/tools.js";
import { startHourSite } from "./hour-site.js";
import { type Hour, TOKEN } from "./programs/hour.js";

const PROGRAMS = join(projectRoot, "target", "tests", "first_hour", "programs");
const REACT_APP = join(projectRoot, "tests", "first_hour", "react");
const BUNDLE = "/node_modules/mlflow-ag2/pkg/bundle";
const IMPORTS = {
  "mlflow-ag2": `${BUNDLE}/tracer.js`,
  "mlflow-ag2/agents": `${BUNDLE}/agents.js`,
  "mlflow-ag2/view": `${BUNDLE}/view.js`,
};

/** What is thrown, by what was written wrong. */
const MISTAKES: Hour["mistakes"] = {
  system_message: "invalid_option: `system_message` is no option of `AssistantAgent`: did you mean `systemMessage`?",
  sometimes:
    'invalid_option: `humanInputMode` of `UserProxyAgent` must be "ALWAYS" or "TERMINATE" or "NEVER", not `sometimes`',
  max_turns: "invalid_option: `max_turns` is no option of `initiateChat`: did you mean `maxTurns`?",
  text: "invalid_option: `initiateChat` takes an object of options, not `Hello`: write `{ message: … }`",
  trackingURI: "invalid_argument: `trackingURI` is no option of `init`: did you mean `trackingUri`?",
  filter: "invalid_argument: `filter` is no option of `searchTraces`: did you mean `filterString`?",
  startSpan: "invalid_argument: `startSpan` takes an object of options, not `undefined`: write `{ name: … }`",
};

declare const self: { hour?: Hour; failed?: string };

/** What a host gives: what the program saw, and the rows of the trace that it shows. */
interface Seen {
  hour: Hour;
  rows: string[];
}

interface StoredTrace {
  trace_info: {
    state: string;
    trace_metadata: Record<string, string>;
    tags: Record<string, string>;
    assessments?: { assessment_name: string; feedback?: { value: unknown } }[];
  };
  spans: { name: string }[];
}

/** Checks what the user and MLflow have seen. */
async function check({ hour, rows }: Seen, mlflow: string): Promise<void> {
  const stored = async (id: string): Promise<StoredTrace> => {
    const response = await fetch(`${mlflow}/api/3.0/mlflow/traces/get?trace_id=${id}`);
    assert.equal(response.status, 200, `${id}: ${await response.clone().text()}`);
    return ((await response.json()) as { trace: StoredTrace }).trace;
  };

  assert.match(String(hour.calculator.answer), /It is 42/);
  const sum = await stored(hour.calculator.traceId);
  assert.equal(sum.trace_info.state, "OK");
  assert.deepEqual(sum.spans.map(({ name }) => name).sort(), [
    "assistant",
    "assistant",
    "calculator",
    "chat_completion",
    "chat_completion",
    "initiate_chat",
    "user",
  ]);

  assert.deepEqual(hour.mistakes, MISTAKES);

  assert.equal(hour.wrongServer.delivered, false);
  assert.equal(hour.wrongServer.code, "not_mlflow");
  assert.match(hour.wrongServer.status, /^on, waiting for the server since .*\/other/);

  assert.equal(hour.wrongToken.delivered, false);
  assert.equal(hour.wrongToken.code, "unauthorized");
  assert.match(hour.wrongToken.status, /`init\(\{ token \}\)`.*`MLFLOW_TRACKING_TOKEN`/);
  assert.equal((await stored(hour.wrongToken.traceId)).trace_info.state, "OK");

  assert.match(String(hour.killSwitch.answer), /It is 42/);
  assert.equal(hour.killSwitch.recorded, 0);
  assert.match(hour.killSwitch.status, /^off: disabled by globalThis.MLFLOW_AG2_DISABLED/);
  assert.match(hour.killSwitch.afterwards, /^on/);

  assert.deepEqual(hour.session.found, hour.session.traceIds);
  for (const id of hour.session.traceIds) {
    const { trace_metadata: metadata, tags } = (await stored(id)).trace_info;
    assert.equal(metadata["mlflow.trace.session"], hour.session.name);
    assert.equal(metadata["mlflow.trace.user"], "ada");
    assert.equal(tags["page"], "first hour");
  }

  const [assessment, ...others] = (await stored(hour.feedback.traceId)).trace_info.assessments ?? [];
  assert.deepEqual([assessment?.assessment_name, assessment?.feedback?.value, others.length], ["helpful", true, 0]);

  assert.equal(rows.length, 7, rows.join("\n"));
  assert.match(rows[0]!, /initiate_chat/);
  assert.ok(
    rows.some((row) => row.includes("calculator")),
    rows.join("\n"),
  );
  assert.deepEqual([hour.stats.hookFailures, hour.stats.dropped], [0, 0]);
}

describe("the first hour", () => {
  let mlflow: MlflowServer;
  let project: string;
  let count = 0;
  const query = (): string => `?experiment=${encodeURIComponent(`first hour ${process.pid} ${(count += 1)}`)}`;
  before(async () => {
    [mlflow, project] = await Promise.all([mlflowServer(), userProject(PROGRAMS)]);
  });
  after(() => mlflow?.stop());

  const commands: Record<string, () => [string, ...string[]]> = {
    Node: () => [process.execPath],
    Deno: () => [
      deno(),
      "run",
      "--no-remote",
      "--no-lock",
      "--node-modules-dir=manual",
      "--no-prompt",
      "--allow-net=127.0.0.1,localhost",
      "--allow-env",
    ],
  };
  for (const [host, command] of Object.entries(commands)) {
    const run = async (given: string, environment: Record<string, string> = {}): Promise<unknown> => {
      const [program, ...options] = command();
      const quiet = { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
      return resultIn(
        await runOrThrow(program, [...options, "main.js", given], {
          cwd: project,
          environment: { ...quiet, ...environment },
        }),
      );
    };

    test(`in ${host} shows what was done and what is wrong`, async () => {
      const site = await startHourSite(project, mlflow.uri, TOKEN, undefined);
      try {
        await check((await run(`${query()}&site=${encodeURIComponent(site.uri)}`)) as Seen, mlflow.uri);
      } finally {
        await site.stop();
      }
    });

    test(`in ${host} is not traced where the environment forbids it`, async () => {
      const { status, started } = (await run("?off", { MLFLOW_AG2_DISABLED: "1" })) as Record<string, unknown>;
      assert.match(String(status), /^off: disabled by MLFLOW_AG2_DISABLED/);
      assert.equal(started, 0);
    });
  }

  describe("in Chromium", () => {
    let browser: BrowserDriver;
    before(async () => void (browser = await BROWSERS["Chromium"]!()));
    after(() => browser?.close());

    /** Opens the page of a folder; gives what it has seen and what its view shows. */
    async function inPage(folder: string, page?: { script: string; inHead: string }): Promise<void> {
      const site = await startHourSite(folder, mlflow.uri, TOKEN, page);
      try {
        await browser.open(`${site.uri}/${query()}`);
        const { hour, failed } = await browser.until(() =>
          self.hour !== undefined || self.failed !== undefined ? { hour: self.hour, failed: self.failed } : null,
        );
        assert.ok(hour, failed);
        const rows = await browser.until(() => {
          const view = document.querySelector<MlflowTraceElement>("mlflow-trace");
          const items = [...(view?.shadowRoot?.querySelectorAll('[role="treeitem"]') ?? [])];
          return items.length > 0 ? items.map((item) => item.textContent) : null;
        });
        await check({ hour, rows }, mlflow.uri);
      } finally {
        await site.stop();
      }
    }

    test("a page without a bundler shows the same", () =>
      inPage(project, {
        script: "/page.js",
        inHead: `<script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script>`,
      }));

    test("an app of Vite and React shows the same", async () => {
      const app = await userProject(PROGRAMS);
      cpSync(REACT_APP, app, { recursive: true });
      const installed = join(toolsFolder(), "node_modules");
      // Links, so that the packages find their own dependencies.
      for (const name of readdirSync(installed).filter((name) => /^(?:react|react-dom)$/.test(name))) {
        mkdirSync(join(app, "node_modules"), { recursive: true });
        symlinkSync(join(installed, name), join(app, "node_modules", name), "dir");
      }
      await runOrThrow(process.execPath, [toolFile("vite/bin/vite.js"), "build"], { cwd: app });
      await inPage(join(app, "dist"));
    });
  });
});
