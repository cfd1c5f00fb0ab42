/** Servers: Cloudflare's Workers, and Next.js with a page and an edge route. */

import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runOrThrow, Service } from "../child.js";
import { freePort } from "../mlflow-server.js";
import { projectRoot } from "../project.js";
import { toolFile, toolsFolder } from "../tools.js";
import { startWorker } from "../workerd.js";
import { type HostContext, type RunExample, runPage } from "./context.js";

/** The real workerd, given what wrangler makes. */
export const inWorkers: RunExample = async ({ project, query }) => {
  const worker = await startWorker(join(project, "handler.js"));
  try {
    return await answerOf(`${worker.uri}/${query}`);
  } finally {
    await worker.stop();
  }
};

/** A client component of Next.js. */
export const inNextPage: RunExample = (context) => inNext(context, (uri) => runPage(context, uri));

/** A route of Next.js with the edge runtime. */
export const inNextEdgeRoute: RunExample = (context) =>
  inNext(context, (uri) => answerOf(`${uri}/chat${context.query}`));

let built: Promise<string> | undefined;

async function inNext(context: HostContext, visit: (uri: string) => Promise<unknown>): Promise<unknown> {
  built ??= buildNext(context);
  const app = await built;
  const port = await freePort();
  const service = new Service(
    process.execPath,
    [toolFile("next/dist/bin/next"), "start", "--port", String(port), "--hostname", "127.0.0.1"],
    { cwd: app },
  );
  try {
    await service.until(() => (/Ready/.test(service.printed) ? true : undefined), 180_000);
    return await visit(`http://127.0.0.1:${port}`).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${service.printed}`);
    });
  } finally {
    await service.stop();
  }
}

/** `next build`, once for both: the app is below the tools, where it finds Next.js and React. */
async function buildNext({ project }: HostContext): Promise<string> {
  const app = mkdtempSync(join(toolsFolder(), "next-app-"));
  process.once("exit", () => rmSync(app, { recursive: true, force: true }));
  cpSync(project, app, { recursive: true });
  cpSync(join(projectRoot, "tests", "hosts", "next"), app, { recursive: true });
  await runOrThrow(process.execPath, [toolFile("next/dist/bin/next"), "build"], {
    cwd: app,
    environment: { NEXT_TELEMETRY_DISABLED: "1" },
    timeoutMs: 300_000,
  });
  return app;
}

async function answerOf(url: string): Promise<unknown> {
  const answer = await fetch(url);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`it answered ${answer.status}: ${text}`);
  return JSON.parse(text) as unknown;
}
