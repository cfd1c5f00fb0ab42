/** Ends open spans when tracing is disabled. */

import { monotonicMs } from "../util/clock.js";
import { reportedBridge, whenLoaded } from "../bridge/loader.js";
import { isDisabled, onToggle } from "../util/enablement.js";
import { guard } from "../util/guard.js";
import { allTracesEnded } from "../export/trace-changes.js";
import { forgetScopes } from "./scopes.js";

/** Ends all open spans: their operations will not be reported any more. */
export function endOpenSpans(): void {
  guard(() => reportedBridge()?.tracer.closeOpen(monotonicMs()));
  forgetScopes();
  allTracesEnded();
}

// Another copy of this package may have been asked to disable tracing.
whenLoaded(() =>
  onToggle(() => {
    if (isDisabled()) endOpenSpans();
  }),
);
