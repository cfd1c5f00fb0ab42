/** The adapters to frameworks are small: what a page downloads of each, and the lines of code of each. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { projectRoot } from "../support/project.js";

/**
 * Of each adapter, with what adapters share, minified and compressed; without the tracer and the rules of options that
 * it has too, which programs have.
 */
const MAX_GZIP_BYTES = 3_400;
/** For each interface that an adapter plugs into. */
const MAX_LINES = 155;
/** Versions 5 and 6 of `ai` take a tracer of OpenTelemetry's API, version 7 an integration of its own. */
const INTERFACES: Readonly<Record<string, number>> = { ai: 2 };

const { exports, peerDependencies } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as {
  exports: Record<string, string | { default: string }>;
  peerDependencies: Record<string, string>;
};
const adapters = readdirSync(join(projectRoot, "src/js/adapters"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

test("there are adapters", () => assert.ok(adapters.includes("otel") && adapters.includes("openai-agents")));

for (const name of adapters) {
  test(`mlflow-ag2/${name} is an import of its own, and at most ${MAX_GZIP_BYTES} bytes, compressed`, async () => {
    const entry = exports[`./${name}`];
    assert.ok(typeof entry === "object");
    const { outputFiles } = await build({
      entryPoints: [join(projectRoot, entry.default)],
      bundle: true,
      minify: true,
      format: "esm",
      platform: "browser",
      external: ["../../index.js", "../agents/util/option-rules.js", ...Object.keys(peerDependencies)],
      write: false,
      logLevel: "silent",
    });
    const bytes = gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
    assert.ok(bytes <= MAX_GZIP_BYTES, `it has ${bytes} bytes`);
  });

  const maxLines = MAX_LINES * (INTERFACES[name] ?? 1);
  test(`mlflow-ag2/${name} has at most ${maxLines} lines of code beside types`, () => {
    const folder = join(projectRoot, "pkg/js/adapters", name);
    const lines = readdirSync(folder)
      .filter((file) => file.endsWith(".js"))
      .flatMap((file) => readFileSync(join(folder, file), "utf8").split("\n"))
      .filter((line) => !/^\s*(?:\/?\*|\/\/|$)|^export \{\};/.test(line));
    assert.ok(lines.length <= maxLines, `it has ${lines.length} lines`);
  });
}
