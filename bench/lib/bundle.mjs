/** Bundles a peer with what measures it: one file per kind of host, so that no host resolves packages its own way. */

import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

export const here = dirname(dirname(fileURLToPath(import.meta.url)));
const project = createRequire(join(here, "../package.json"));

// The CommonJS parts of OpenTelemetry and others need `require`.
const REQUIRE =
  'import { createRequire as benchRequire } from "node:module"; const require = benchRequire(import.meta.url);';

/** Bundles the text `source`. `packages`: folders of packages. `platform`: "node" or "browser". */
async function bundle(source, packages, platform, extra = {}) {
  const { build } = project("esbuild");
  const built = await build({
    stdin: { contents: source, resolveDir: join(here, "lib"), loader: "js" },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform,
    mainFields: platform === "node" ? ["module", "main"] : ["browser", "module", "main"],
    nodePaths: packages,
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "error",
    ...(platform === "node" ? { banner: { js: REQUIRE } } : {}),
    ...extra,
  });
  return built.outputFiles[0].contents;
}

/** Makes the programs that measure a peer, in `folder`; gives their paths by platform. */
export async function makePrograms(peer, packages, folder) {
  mkdirSync(folder, { recursive: true });
  const programs = {};
  for (const platform of ["node", "browser"]) {
    const path = join(folder, `${peer}.${platform}.mjs`);
    const alias = { "@peer": join(here, "peers", `${peer}.mjs`), "@agents-observer": observerIn(packages) };
    writeFileSync(path, await bundle('import "./host.mjs";', packages, platform, { alias }));
    programs[platform] = path;
  }
  return programs;
}

/** The file of our package that every report of the agents goes through, which has no public name. */
const observerIn = ([ours]) => join(ours, "mlflow-ag2/pkg/js/agents/observe/observer.js");

/** The peer alone for a page, which notes when its code begins and has been run. */
export async function makeColdModule(peer, packages, platform) {
  const source = `export { default } from ${JSON.stringify(join(here, "peers", `${peer}.mjs`))};`;
  const begin = "globalThis.benchBegin = performance.now();";
  const banner = { js: platform === "node" ? REQUIRE + begin : begin };
  const alias = { "@agents-observer": observerIn(packages) };
  return bundle(source, packages, platform, {
    alias,
    banner,
    footer: { js: "globalThis.benchEnd = performance.now();" },
  });
}

/** What a page needs of each package: spans, a queue, and sending it. */
const NEEDED = {
  "mlflow-ag2": 'export { flush, init, startSpan } from "mlflow-ag2";',
  "otel-json": `export { ROOT_CONTEXT, trace } from "@opentelemetry/api";
    export { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
    export { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";`,
  "otel-proto": `export { ROOT_CONTEXT, trace } from "@opentelemetry/api";
    export { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
    export { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";`,
  langfuse: `export { LangfuseSpanProcessor } from "@langfuse/otel";
    export { setLangfuseTracerProvider, startObservation } from "@langfuse/tracing";
    export { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";`,
  openinference: `export { SemanticConventions } from "@arizeai/openinference-semantic-conventions";
    export { ROOT_CONTEXT, trace } from "@opentelemetry/api";
    export { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
    export { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";`,
  braintrust: 'export { initLogger } from "braintrust";',
  langsmith: `export { Client } from "langsmith";
    export { RunTree } from "langsmith/run_trees";`,
  sentry: 'export { flush, init, startInactiveSpan } from "@sentry/browser";',
  "openai-agents": `export { BatchTraceProcessor, createCustomSpan } from "@openai/agents-core";
    export { getGlobalTraceProvider, setTraceProcessors, setTracingDisabled } from "@openai/agents-core";`,
};

/** The download size of a peer: minified, gzip -9, brotli 11. `undefined` for the floor, which is no package. */
export async function weigh(peer, packages) {
  if (NEEDED[peer] === undefined) return undefined;
  const bytes = await bundle(NEEDED[peer], packages, "browser");
  return { min: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotliCompressSync(bytes).length };
}
