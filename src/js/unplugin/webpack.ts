/** The plug-in of webpack: it adds a loader behind all others. */

import { isIncluded, type ScopeAcrossAwaitOptions } from "./options.js";

/** What is used of webpack's compiler. */
export interface WebpackCompiler {
  /** Its options, to whose rules one is added. */
  readonly options: {
    /** How modules are loaded. */
    readonly module: {
      /** The rules of loaders. */
      readonly rules: unknown[];
    };
  };
}

/** A plug-in of webpack. */
export interface WebpackPlugin {
  /** Called by webpack with its compiler. */
  apply(compiler: WebpackCompiler): void;
}

/** The plug-in. */
export function webpackPlugin(options: ScopeAcrossAwaitOptions): WebpackPlugin {
  const test = isIncluded(options);
  const loader = decodeURIComponent(new URL("./webpack-loader.js", import.meta.url).pathname);
  return {
    apply: ({ options: { module } }) => void module.rules.push({ test, enforce: "post", loader }),
  };
}
