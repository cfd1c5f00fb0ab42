/** The user, session and tags of chats without a span around them, as a real MLflow server has them, in every host. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { after, before, describe, test } from "node:test";
import { type HostDriver, inChromium, inDeno, inNode } from "../support/hosts.js";
import { type MlflowServer, mlflowServer } from "../support/mlflow-server.js";
import { userProject } from "../support/packed-package.js";
import { type PageServer, startPageServer } from "../support/page-server.js";

interface Report {
  direct: string;
  afterAwait: string;
  alone: string;
  first: string;
  second: string;
  flushed: { pending: number; dropped: number };
  stats: Record<string, number>;
}

interface Info {
  trace_id: string;
  tags: Record<string, string>;
  trace_metadata: Record<string, string>;
}

const HOSTS: Readonly<Record<string, () => HostDriver>> = { Node: inNode, Deno: inDeno, Chromium: inChromium };

describe("a chat without a span around it", () => {
  let server: MlflowServer;
  let project: string;
  let pages: PageServer;
  before(async () => {
    const programs = fileURLToPath(new URL("programs", import.meta.url));
    [project, server] = await Promise.all([userProject(programs), mlflowServer()]);
    pages = await startPageServer(project);
  });
  after(async () => {
    await pages?.stop();
    await server?.stop();
  });

  async function stored(traceId: string): Promise<Info> {
    const answer = await fetch(`${server.uri}/api/3.0/mlflow/traces/${traceId}`);
    assert.equal(answer.status, 200, await answer.clone().text());
    return ((await answer.json()) as { trace: { trace_info: Info } }).trace.trace_info;
  }

  for (const [name, makeHost] of Object.entries(HOSTS))
    test(`has its user, session, tags and metadata on the server, from ${name}`, async () => {
      const host = makeHost();
      await host.open(project, pages);
      let report: Report;
      const experiment = randomUUID();
      try {
        const query = new URLSearchParams({ trackingUri: server.uri, experiment });
        report = (await host.run("trace_context.js", `?${query}`)) as Report;
      } finally {
        await host.close();
      }
      assert.equal(report.stats["delivered"], report.stats["started"], JSON.stringify(report.stats));
      assert.equal(report.stats["detached"], 0);
      for (const id of [report.direct, report.afterAwait]) {
        const { tags, trace_metadata: metadata } = await stored(id);
        assert.deepEqual(
          [metadata["mlflow.trace.user"], metadata["mlflow.trace.session"], metadata["build"]],
          ["ada", `window ${experiment}`, "12"],
        );
        assert.deepEqual(
          [tags["page"], tags["team"], tags["environment"], tags["release"]],
          ["help", "a", "test", "1.4"],
        );
      }
      const alone = await stored(report.alone);
      assert.equal(alone.trace_metadata["mlflow.trace.session"], undefined);
      assert.deepEqual([alone.tags["page"], alone.tags["team"]], [undefined, "a"]);
      const sessions = [await stored(report.first), await stored(report.second)];
      const [session] = sessions.map(({ trace_metadata: metadata }) => metadata["mlflow.trace.session"]);
      assert.match(session ?? "", /^\d+$/);
      assert.equal(sessions[1]!.trace_metadata["mlflow.trace.session"], session);
    });
});
