/**
 * Delivers what waits when the host is about to take the program away: a page that is hidden or
 * left, a process that has run out of work.
 */

import { loadedBridge } from "../bridge/loader.js";
import { guard } from "../util/guard.js";
import { processEvents } from "../util/host.js";
import { flushWithin, prepareExport } from "./exporter.js";
import { watchPage } from "./page.js";

/** A finished program is held open this long at most for a server that does not answer. */
const EXIT_TIMEOUT_MS = 3_000;

let watching = false;
let startedAtLastExit = -1;

/** Begins to watch, the first time it is called. */
export function watchHost(): void {
  if (watching) return;
  watching = true;
  watchPage({
    hidden: () => guard(sendAll),
    left: () => guard(sendBeforeUnload),
    returned: () => guard(sendAgain),
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

/** What failed while nothing could arrive says nothing about now. */
function sendAgain(): void {
  loadedBridge()?.tracer.sendAgain();
}

/** The event fires again after each flush; without new spans a second flush would only hold the program open. */
function flushBeforeExit(): void {
  const bridge = loadedBridge();
  if (bridge === undefined) return;
  prepareExport(bridge);
  // What has settled in a trace that never ended counts as buffered only then.
  bridge.tracer.flushNow();
  const stats = bridge.core.stats();
  if (stats.buffered === 0 || stats.started === startedAtLastExit) return;
  startedAtLastExit = stats.started;
  // A request without a response would hold the program open until its own time is over.
  void flushWithin(EXIT_TIMEOUT_MS).finally(() =>
    bridge.core.abortRequests("the program ended before the response came"),
  );
}
