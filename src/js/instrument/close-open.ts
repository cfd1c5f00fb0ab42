/** The end of all that is open, when tracing is switched off. */

import { nowMs } from "../util/clock.js";
import { loadedCore } from "../bridge/core.js";
import { guard } from "../util/guard.js";
import { tracesClosed } from "../export/changes.js";
import { forgetScopes } from "./scopes.js";

/** Ends all spans that are open: nobody will report their end any more. */
export function closeOpen(): void {
  guard(() => loadedCore()?.tracer.closeOpen(nowMs()));
  forgetScopes();
  tracesClosed();
}
