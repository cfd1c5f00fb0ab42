/**
 * Delivers what waits when the host is about to take the program away: a page that is hidden or
 * left, a process that has run out of work.
 */

import { loadedCore } from "../core.js";
import { processEvents } from "../host.js";
import { deliver, flushWithin } from "./deliver.js";
import { whenHidden } from "./page.js";

/** A finished program is held open this long at most for a server that does not answer. */
const EXIT_TIMEOUT_MS = 3_000;

let watching = false;
let startedAtLastExit = -1;

/** Begins to watch, the first time it is called. */
export function watchHost(): void {
  if (watching) return;
  watching = true;
  whenHidden(() => {
    loadedCore()?.tracer.flushNow();
    void deliver();
  });
  processEvents()?.on("beforeExit", flushBeforeExit);
}

/** The event fires again after each flush; without new spans a second flush would only hold the program open. */
function flushBeforeExit(): void {
  const stats = loadedCore()?.stats();
  if (stats === undefined || stats.buffered === 0 || stats.started === startedAtLastExit) return;
  startedAtLastExit = stats.started;
  void flushWithin(EXIT_TIMEOUT_MS);
}
