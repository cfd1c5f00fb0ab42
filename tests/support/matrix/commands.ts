/** Programs of the command line. */

import { join } from "node:path";
import { runOrThrow } from "../child.js";
import { temporaryFolder } from "../folder.js";
import { startNpmRegistry } from "../npm-registry.js";
import { deno, projectRoot } from "../project.js";
import { resultIn } from "../result.js";
import { startStaticSite } from "../static-site.js";
import { copyWithImports, type HostContext, type RunExample } from "./context.js";

const DENO = { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
const LOCAL = "127.0.0.1,localhost";

/** Node, by `import`. */
export const inNode: RunExample = (context) => runCommand(process.execPath, ["command.js"], context, context.project);

/** Node, by `require`, which every Node from 20.19 on has for modules. */
export const inNodeByRequire: RunExample = (context) =>
  runCommand(process.execPath, ["required.js"], context, context.project);

/** Node with the WebAssembly read from its file. */
export const inNodeWithSlim: RunExample = (context) => {
  const folder = copyWithImports(context.project, ["chat.js"], { "mlflow-ag2": "mlflow-ag2/slim" });
  return runCommand(process.execPath, ["slim-command.js"], context, folder);
};

/** Bun. */
export const inBun: RunExample = (context) =>
  runCommand(join(projectRoot, "node_modules", ".bin", "bun"), ["command.js"], context, context.project);

/** Deno, which installs the package from a registry by its `npm:` specifier. */
export const inDenoFromNpm: RunExample = async (context) => {
  const registry = await startNpmRegistry(context.tarball);
  try {
    const names = ["mlflow-ag2", "mlflow-ag2/agents"];
    const folder = copyWithImports(
      context.project,
      ["chat.js"],
      Object.fromEntries(names.map((name) => [name, name.replace("mlflow-ag2", "npm:mlflow-ag2@0.1.0")])),
    );
    const options = [
      "run",
      "--no-lock",
      "--no-prompt",
      "--node-modules-dir=none",
      `--allow-net=${LOCAL}`,
      "command.js",
    ];
    return await runCommand(deno(), options, context, folder, {
      ...DENO,
      DENO_DIR: temporaryFolder("deno"),
      NPM_CONFIG_REGISTRY: registry.uri,
    });
  } finally {
    await registry.stop();
  }
};

/** Deno, which imports the package's files from a web site. */
export const inDenoByUrl: RunExample = async (context) => {
  const site = await startStaticSite(join(context.project, "node_modules", "mlflow-ag2"));
  try {
    const folder = copyWithImports(context.project, ["chat.js"], {
      "mlflow-ag2": `${site.uri}/pkg/js/entry/inline.js`,
      "mlflow-ag2/agents": `${site.uri}/pkg/js/agents/index.js`,
    });
    const options = [
      "run",
      "--no-lock",
      "--no-prompt",
      `--allow-net=${LOCAL}`,
      `--allow-import=${new URL(site.uri).host}`,
      "command.js",
    ];
    return await runCommand(deno(), options, context, folder, { ...DENO, DENO_DIR: temporaryFolder("deno") });
  } finally {
    await site.stop();
  }
};

async function runCommand(
  program: string,
  words: readonly string[],
  { query }: HostContext,
  cwd: string,
  environment: Record<string, string> = {},
): Promise<unknown> {
  return resultIn(await runOrThrow(program, [...words, query], { cwd, environment }));
}
