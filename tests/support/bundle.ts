/** What a bundler makes of a program: what a page downloads. */

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { projectRoot } from "./project.js";

/** The page's script that esbuild makes of `program`, and the files it is made of. */
export async function bundle(
  program: string,
): Promise<{ text: string; gzipBytes: number; files: string[]; warnings: string[] }> {
  const { outputFiles, metafile, warnings } = await build({
    stdin: { contents: program, resolveDir: projectRoot },
    bundle: true,
    minify: true,
    metafile: true,
    format: "esm",
    platform: "browser",
    write: false,
    logLevel: "silent",
  });
  const [output] = outputFiles;
  assert.ok(output);
  const carried = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0),
  );
  return {
    text: output.text,
    gzipBytes: gzipSync(output.contents, { level: 9 }).length,
    files: carried.map(([path]) => path),
    warnings: warnings.map(({ text }) => text),
  };
}
