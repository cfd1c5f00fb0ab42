/**
 * Delivers what waits when the host is about to take the program away: a page that is hidden or
 * left, a process that has run out of work.
 */

import { nowMs } from "../util/clock.js";
import { loadedCore } from "../bridge/core.js";
import { countFailure, guard } from "../util/guard.js";
import { processEvents } from "../util/host.js";
import { abortAll } from "./deadline.js";
import { deliver, deliverSoon, flushWithin, forgetTimer, prepareDelivery } from "./deliver.js";
import { exchange, readRequests } from "./exchange.js";
import { closingRoomBytes } from "./keepalive.js";
import { watchPage } from "./page.js";
import { hasFragileRequests, sendAtOnce } from "./transport.js";

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
    left: () => guard(sendLast),
    returned: () => guard(sendAgain),
    online: () => guard(sendAgain),
  });
  processEvents()?.on("beforeExit", flushBeforeExit);
}

function sendAll(): void {
  const border = loadedCore();
  if (border === undefined) return;
  prepareDelivery(border);
  border.tracer.flushNow();
  void deliver();
}

/** What is compressed takes less room than the core was told, so that there may be room for more. */
function sendLast(): void {
  const border = loadedCore();
  if (border === undefined) return;
  prepareDelivery(border);
  const { tracer } = border;
  if (!hasFragileRequests()) tracer.trustFlights();
  for (let room = closingRoomBytes(); room > 0; room = closingRoomBytes()) {
    const requests = readRequests(border, tracer.closingRequests(room, nowMs()));
    if (requests.length === 0) return;
    for (const request of requests) exchange(border, request, sendAtOnce).catch(countFailure);
    tracer.trustFlights();
  }
}

/** What failed while nothing could arrive says nothing about now. */
function sendAgain(): void {
  const tracer = loadedCore()?.tracer;
  if (tracer === undefined) return;
  forgetTimer();
  tracer.configurationChanged();
  tracer.flushNow();
  deliverSoon();
}

/** The event fires again after each flush; without new spans a second flush would only hold the program open. */
function flushBeforeExit(): void {
  const border = loadedCore();
  if (border === undefined) return;
  prepareDelivery(border);
  // What has settled in a trace that never ended counts as buffered only then.
  border.tracer.flushNow();
  const stats = border.stats();
  if (stats.buffered === 0 || stats.started === startedAtLastExit) return;
  startedAtLastExit = stats.started;
  // A request without an answer would hold the program open until its own time is over.
  void flushWithin(EXIT_TIMEOUT_MS).finally(() => abortAll("the program ended before the answer came"));
}
