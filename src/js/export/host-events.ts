/**
 * Delivers buffered spans when the host is about to end the program: a page that is hidden or unloaded,
 * a process that has run out of work.
 */

import { loadedBridge } from "../bridge/loader.js";
import { guard } from "../util/guard.js";
import { processEvents } from "../util/host.js";
import { flushWithin, prepareExport } from "./exporter.js";
import { observePageLifecycle } from "./page-lifecycle.js";

/** The longest time that a finished program stays alive for a server that does not respond. */
const EXIT_TIMEOUT_MS = 3_000;

let isObserving = false;
let startedAtLastExit = -1;

/** Registers the listeners, the first time it is called. */
export function observeHost(): void {
  if (isObserving) return;
  isObserving = true;
  observePageLifecycle({
    hidden: () => guard(sendAll),
    unload: () => guard(sendBeforeUnload),
    resume: () => guard(sendAgain),
    online: () => guard(sendAgain),
  });
  processEvents()?.on("beforeExit", flushBeforeExit);
}

function sendAll(): void {
  loadedBridge()?.tracer.sendAll();
}

function sendBeforeUnload(): void {
  loadedBridge()?.tracer.sendBeforeUnload();
}

/** Retries without backoff: failures while the page was frozen or offline say nothing about the server. */
function sendAgain(): void {
  loadedBridge()?.tracer.sendAgain();
}

/** The event fires again after each flush; without new spans a second flush would only delay the exit. */
function flushBeforeExit(): void {
  const bridge = loadedBridge();
  if (bridge === undefined) return;
  prepareExport(bridge);
  // Final spans of a trace that has not ended count as buffered only then.
  bridge.tracer.flushNow();
  const stats = bridge.core.stats();
  if (stats.buffered === 0 || stats.started === startedAtLastExit) return;
  startedAtLastExit = stats.started;
  // A request without a response would keep the program alive until its timeout.
  void flushWithin(EXIT_TIMEOUT_MS).finally(() =>
    bridge.core.abortRequests("the program ended before the response came"),
  );
}
