/**
 * `mlflow-ag2/unplugin`: plug-ins of Vite, Rollup, webpack and esbuild that carry the active scope across `await` in
 * the modules that are named, for pages, whose engines do not.
 *
 * @module mlflow-ag2/unplugin
 */

import { carryAcrossAwait } from "./await-expressions.js";
import { esbuildPlugin, type EsbuildPlugin } from "./esbuild.js";
import { isIncluded, type ScopeAcrossAwaitOptions } from "./options.js";
import { webpackPlugin, type WebpackPlugin } from "./webpack.js";

export type { EsbuildBuild, EsbuildPlugin } from "./esbuild.js";
export type { ScopeAcrossAwaitOptions } from "./options.js";
export type { WebpackCompiler, WebpackPlugin } from "./webpack.js";

/** A module that a plug-in has rewritten. */
export interface RewrittenModule {
  /** Its source. */
  readonly code: string;
  /** No source map: the lines are those of the module before. */
  readonly map: null;
}

/** A plug-in of Rollup or Vite, as far as it is used here. */
export interface RollupPlugin {
  /** Its name in messages. */
  readonly name: string;
  /** In Vite: it runs after the plug-ins that turn TypeScript into JavaScript. */
  readonly enforce: "post";
  /** Rewrites a module; `undefined` leaves it as it is. */
  transform(code: string, id: string): RewrittenModule | undefined;
}

const rollup = (options: ScopeAcrossAwaitOptions): RollupPlugin => {
  const includes = isIncluded(options);
  return {
    name: "mlflow-ag2",
    enforce: "post",
    transform(code, id) {
      const carried = includes(id) ? carryAcrossAwait(code, id) : undefined;
      return carried === undefined ? undefined : { code: carried, map: null };
    },
  };
};

/**
 * The plug-in, for each bundler. It rewrites ES modules only: `await x` becomes a call that carries the scope, and
 * nothing else is changed.
 *
 * @throws Error if `include` names no modules.
 * @example
 * // vite.config.js
 * const config = { plugins: [scopeAcrossAwait.vite({ include: ["/src/agents/", /node_modules\/some-agents\//] })] };
 */
export const scopeAcrossAwait: {
  /** For Vite. */
  readonly vite: (options: ScopeAcrossAwaitOptions) => RollupPlugin;
  /** For Rollup; behind plug-ins that turn TypeScript into JavaScript. */
  readonly rollup: (options: ScopeAcrossAwaitOptions) => RollupPlugin;
  /** For webpack. */
  readonly webpack: (options: ScopeAcrossAwaitOptions) => WebpackPlugin;
  /** For esbuild. */
  readonly esbuild: (options: ScopeAcrossAwaitOptions) => EsbuildPlugin;
} = { vite: rollup, rollup, webpack: webpackPlugin, esbuild: esbuildPlugin };
