/** Parsing of server-sent events (html.spec.whatwg.org, "Parsing an event stream"). */

/** The line ends of the standard. A carriage return at the end of what has come may be half of one. */
const LINE_END = /\r\n|\n|\r(?!$)/;
/** The beginning of a line of data. Models' servers use no other field of events. */
const DATA = /^data(?:: ?|$)/;

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
  // It drops a byte order mark too.
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let rest = "";
  let data: string[] = [];
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(onReadError);
      rest += decoder.decode(value, { stream: !done });
      // The last event counts even if the server ends the body without an empty line.
      if (done) rest += "\n\n";
      const lines = rest.split(LINE_END);
      rest = lines.pop() ?? "";
      const events: string[] = [];
      for (const line of lines) {
        if (DATA.test(line)) data.push(line.replace(DATA, ""));
        if (line !== "" || data.length === 0) continue;
        events.push(data.join("\n"));
        data = [];
      }
      yield events;
      if (done) return;
    }
  } finally {
    // A body that failed cannot be cancelled.
    await reader.cancel().catch(() => {});
  }
}
