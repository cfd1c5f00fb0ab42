/** Ends open spans when tracing is disabled. */

import { monotonicMs } from "../util/clock.js";
import { loadedBridge } from "../bridge/loader.js";
import { guard } from "../util/guard.js";
import { allTracesEnded } from "../export/trace-changes.js";
import { forgetScopes } from "./scopes.js";

/** Ends all open spans: their operations will not be reported any more. */
export function endOpenSpans(): void {
  guard(() => loadedBridge()?.tracer.closeOpen(monotonicMs()));
  forgetScopes();
  allTracesEnded();
}
