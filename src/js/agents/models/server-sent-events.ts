/**
 * Parsing of server-sent events with the library `eventsource-parser`. The build bundles that library into this file's
 * JavaScript, so that a plain page can load it by URL and the package has no dependency. Therefore this is the only
 * file that imports it, and it imports nothing else, which would be bundled a second time.
 */

import { createParser } from "eventsource-parser";

/**
 * The `data` of the events in `body`: for each chunk from the network a list of the events that it
 * completes, which is empty for a keep-alive comment. The body is cancelled if the caller stops early.
 *
 * @param onReadError throws the error for a failure to read `body`
 */
export async function* eventData(
  body: ReadableStream<Uint8Array>,
  onReadError: (cause: unknown) => never,
): AsyncGenerator<readonly string[], void, undefined> {
  let received: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => void received.push(data) });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(onReadError);
      parser.feed(decoder.decode(value, { stream: !done }));
      // The last event counts even if the server ends the body without an empty line.
      if (done) parser.feed("\n\n");
      const events = received;
      received = [];
      yield events;
      if (done) return;
    }
  } finally {
    // A body that failed cannot be cancelled.
    await reader.cancel().catch(() => {});
  }
}
