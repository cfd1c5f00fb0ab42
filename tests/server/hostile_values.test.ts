/** Hostile values in spans, in Node and in a page: a real MLflow server stores them and returns what was captured. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { after, before, describe, test } from "node:test";
import { getTrace, setTrackingUri } from "mlflow-ag2";
import { type MlflowServer, mlflowServer } from "../support/mlflow-server.js";
import { userProject } from "../support/packed-package.js";
import { type PageServer, startPageServer } from "../support/page-server.js";
import { inChromium, inNode, type HostDriver } from "../support/hosts.js";

interface Report {
  seen: Record<string, { traceId: string; inputs: unknown }>;
  stats: { started: number; delivered: number; truncated: number; hookFailures: number; eventErrors: number };
}

/** The beginning of the marks of these values, which contain the beginning of a large one. */
const LARGE: Record<string, RegExp> = {
  "50 MB of text": /^"x+… \(truncated, 50000000 characters\)"$/,
  "a million keys": /^\{"k0":0,.*"…":"\(truncated, 995000 more keys\)"\}$/,
  "a million items": /^\[1\.5,.*"… \(truncated, 995000 more items\)"\]$/,
  "what grows the more one looks": /\(truncated, \d+ more keys\)/,
};

describe("hostile values on a real server", () => {
  const hosts: Record<string, HostDriver> = { Node: inNode(), Chromium: inChromium() };
  let server: MlflowServer;
  let pages: PageServer;
  let project: string;

  before(async () => {
    [project, server] = await Promise.all([
      userProject(fileURLToPath(new URL("../hosts/programs", import.meta.url))),
      mlflowServer(),
    ]);
    pages = await startPageServer(project);
    setTrackingUri(server.uri);
  });
  after(async () => {
    setTrackingUri("memory:");
    await pages?.stop();
    await server?.stop();
  });

  for (const [name, host] of Object.entries(hosts)) {
    test(`from ${name}`, async () => {
      await host.open(project, pages);
      try {
        const query = `?${new URLSearchParams({ trackingUri: server.uri, experiment: `hostile values from ${name}` })}`;
        const { seen, stats } = (await host.run("hostile_values.js", query)) as Report;
        assert.equal(stats.delivered, Object.keys(seen).length, JSON.stringify(stats));
        assert.deepEqual([stats.hookFailures, stats.eventErrors], [0, 0]);
        for (const [what, { traceId, inputs }] of Object.entries(seen)) {
          const trace = await getTrace(traceId);
          assert.ok(trace !== null, `${what} is not on the server`);
          const [span] = trace.data.spans;
          assert.deepEqual(
            [trace.info.state, trace.data.spans.length, span!.status.code, span!.name],
            ["OK", 1, "OK", what],
          );
          assert.deepEqual(span!.outputs, span!.inputs, what);
          const large = LARGE[what];
          if (large !== undefined) assert.match(JSON.stringify(span!.inputs), large);
          else assert.deepEqual(span!.inputs, inputs, what);
        }
        if (name === "Chromium") {
          assert.deepEqual(seen["the global object"]!.inputs, { global: "<Window>" });
          assert.deepEqual(seen["nodes of a page"]!.inputs, {
            node: "<div#box>",
            document: "<#document>",
            reactLike: "<span>",
          });
        }
      } finally {
        await host.close();
      }
    });
  }
});
