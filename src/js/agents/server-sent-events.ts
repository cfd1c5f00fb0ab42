/**
 * Reading server-sent events, by the library `eventsource-parser`. The build puts that library into
 * this file's JavaScript, so that a plain page can load it by URL and a program that uses us gets
 * no dependency. For that reason this is the only file that imports it, and it imports nothing else:
 * whatever it imported would end up in it a second time.
 */

import { createParser } from "eventsource-parser";

/**
 * The `data` of the events in `body`, as many at a time as a piece from the network completes:
 * often one, and none for a mere sign of life. What is left of the body is given up when the caller
 * stops early.
 *
 * @param brokenOff throws the error to be thrown when reading `body` fails
 */
export async function* eventData(body: ReadableStream<Uint8Array>, brokenOff: (cause: unknown) => never): AsyncGenerator<readonly string[], void, undefined> {
  let arrived: string[] = [];
  const parser = createParser((parsed) => {
    if (parsed.type === "event") arrived.push(parsed.data);
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(brokenOff);
      parser.feed(decoder.decode(value, { stream: !done }));
      // A server that ends the body right behind the last line still meant that line.
      if (done) parser.feed("\n\n");
      const events = arrived;
      arrived = [];
      yield events;
      if (done) return;
    }
  } finally {
    // A body that broke off cannot be given up any more.
    await reader.cancel().catch(() => {});
  }
}
