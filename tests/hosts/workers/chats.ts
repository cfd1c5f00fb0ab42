/** A Worker that runs a chat for each request. Everything is set up at import, where Workers allow no I/O. */

import * as mlflow from "mlflow-ag2";
import { shortChat } from "../../server/chats.js";

mlflow.autolog({ silent: true });
// No request may be sent now; the first flush does it.
void mlflow.setExperiment("set at import");

interface Context {
  waitUntil(promise: Promise<unknown>): void;
}

/** Answers piece by piece, long after the handler has returned. */
function streamedAnswer(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) =>
      mlflow.withSpan(
        async () => {
          for (const piece of ["one ", "two ", "three"]) {
            await new Promise((resolve) => setTimeout(resolve, 200));
            controller.enqueue(new TextEncoder().encode(piece));
          }
          controller.close();
        },
        { name: "streamed answer" },
      ),
  });
}

export default {
  async fetch(request: Request, { TRACKING_URI }: { TRACKING_URI: string }, context: Context): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (request.method === "HEAD") return new Response();
    mlflow.init({ trackingUri: TRACKING_URI, timeoutMs: 500 });
    if (pathname === "/experiment") return Response.json(await mlflow.setExperiment("set in a request"));
    if (pathname === "/stream") {
      const answer = streamedAnswer();
      context.waitUntil(mlflow.flush({ timeoutMs: 25_000, waitForOpenTraces: true }));
      return new Response(answer);
    }
    if (pathname !== "/flush") await shortChat();
    if (pathname === "/wait-until") context.waitUntil(mlflow.flush());
    if (pathname === "/flush") await mlflow.flush();
    // The request ends before its flush does, which is the mistake that costs other tracers their spans.
    if (pathname === "/forget") void mlflow.flush();
    return Response.json({ traceId: mlflow.getLastActiveTraceId(), stats: mlflow.stats() });
  },
};
