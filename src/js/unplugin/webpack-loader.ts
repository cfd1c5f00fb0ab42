/** The loader that `webpack.ts` adds. */

import { carryAcrossAwait } from "./await-expressions.js";

// webpack calls what a loader exports by default.
// oxlint-disable-next-line import/no-default-export
export default function carryLoader(this: { readonly resourcePath: string }, code: string): string {
  return carryAcrossAwait(code, this.resourcePath) ?? code;
}
