/** The end of all that is open, when tracing is switched off. */

import { monotonicMs } from "../util/clock.js";
import { loadedBridge } from "../bridge/loader.js";
import { guard } from "../util/guard.js";
import { tracesClosed } from "../export/changes.js";
import { forgetScopes } from "./scopes.js";

/** Ends all spans that are open: nobody will report their end any more. */
export function closeOpen(): void {
  guard(() => loadedBridge()?.tracer.closeOpen(monotonicMs()));
  forgetScopes();
  tracesClosed();
}
