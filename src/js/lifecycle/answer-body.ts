/** Reads the body of an answer, but no more of it than anybody could need. */

/** Statuses with which no body may come (Fetch standard, "null body status"). */
const WITHOUT_BODY = new Set([101, 103, 204, 205, 304]);

/**
 * The same answer with its body read, so that the connection and the page's quota are free again.
 * What goes beyond `limitBytes` is left unread and cut off.
 *
 * @param change what to do to the text of an answer that tells of an error.
 */
export async function readAnswer(response: Response, limitBytes: number, change: (text: string) => string): Promise<Response> {
  const { status, headers } = response;
  const bytes = await readBytes(response, limitBytes);
  if (WITHOUT_BODY.has(status)) return new Response(null, { status, headers });
  return new Response(status < 400 ? bytes : change(new TextDecoder().decode(bytes)), { status, headers });
}

async function readBytes(response: Response, limitBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  // Some hosts give answers without a stream; `null` means that there is no body.
  if (response.body === undefined) return new Uint8Array(await response.arrayBuffer());
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  while (reader !== undefined && length < limitBytes) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(chunks).arrayBuffer());
    chunks.push(value);
    length += value.byteLength;
  }
  // Not waited for: a server that goes on sending need not be polite about being stopped.
  reader?.cancel().catch(() => {});
  return new Uint8Array(await new Blob(chunks).slice(0, limitBytes).arrayBuffer());
}
