/** The options of the plug-ins. */

import { checkOptions } from "../util/options.js";

/** Which modules are rewritten. */
export interface ScopeAcrossAwaitOptions {
  /** Parts of their paths, with `/` between folders, or patterns for them. */
  readonly include: readonly (string | RegExp)[];
}

/** The check whether a module is to be rewritten, by its path. */
export function isIncluded(options: ScopeAcrossAwaitOptions): (path: string) => boolean {
  checkOptions("scopeAcrossAwait", options ?? {}, { include: "any" });
  const include = (options as Partial<ScopeAcrossAwaitOptions> | undefined)?.include;
  if (!Array.isArray(include) || include.length === 0)
    throw new Error('the plug-in needs the modules to rewrite, such as `{ include: ["/src/agents/"] }`');
  const patterns = include as readonly (string | RegExp)[];
  return (path) => {
    const normalized = path.replaceAll("\\", "/");
    return patterns.some((part) => (typeof part === "string" ? normalized.includes(part) : part.test(normalized)));
  };
}
