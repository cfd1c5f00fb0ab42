/** The plug-in of esbuild, which reads the modules itself and removes their types first. */

import { carryAcrossAwait } from "./await-expressions.js";
import { isIncluded, type ScopeAcrossAwaitOptions } from "./options.js";

/** What is used of a build of esbuild. */
export interface EsbuildBuild {
  /** Sets what loads the files whose paths match. */
  onLoad(
    options: { filter: RegExp },
    load: (file: { path: string }) => Promise<{ contents: string; loader: "js" } | undefined>,
  ): void;
  /** esbuild itself. */
  readonly esbuild: {
    /** Turns source with types or elements into JavaScript. */
    transform(
      code: string,
      options: { loader: "jsx" | "ts" | "tsx"; target: string; jsx: "automatic" },
    ): Promise<{
      /** The JavaScript. */
      code: string;
    }>;
  };
}

/** A plug-in of esbuild. */
export interface EsbuildPlugin {
  /** Its name in messages. */
  readonly name: string;
  /** Called by esbuild with the build. */
  setup(build: EsbuildBuild): void;
}

/** The part of Node's file functions that is used. Their types are not among those of the package. */
interface Files {
  readFile(path: string, encoding: "utf8"): Promise<string>;
}

const FILES: string = "node:fs/promises";

/** The plug-in. */
export function esbuildPlugin(options: ScopeAcrossAwaitOptions): EsbuildPlugin {
  const includes = isIncluded(options);
  return {
    name: "mlflow-ag2",
    setup(build) {
      build.onLoad({ filter: /\.[cm]?[jt]sx?$/ }, async ({ path }) => {
        if (!includes(path)) return undefined;
        const { readFile } = (await import(FILES)) as Files;
        const source = await readFile(path, "utf8");
        const loader = /[jt]sx?$/.exec(path)![0] as "jsx" | "ts" | "tsx" | "js";
        const code =
          loader === "js"
            ? source
            : (await build.esbuild.transform(source, { loader, target: "esnext", jsx: "automatic" })).code;
        return { contents: carryAcrossAwait(code, path) ?? code, loader: "js" };
      });
    },
  };
}
