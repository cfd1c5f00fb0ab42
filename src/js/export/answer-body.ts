/** Reads the body of an answer, but no more of it than anybody could need. */

/** An answer with its body read, so that the connection and the page's quota are free again. */
export interface ReadAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What the bytes say. */
  readonly text: string;
}

/**
 * Reads an answer; what goes beyond `limitBytes` is left unread and cut off.
 *
 * @param change what to do to the text of an answer that tells of an error.
 */
export async function readAnswer(response: Response, limitBytes: number, change: (text: string) => string): Promise<ReadAnswer> {
  const { status, headers } = response;
  const bytes = await readBytes(response, limitBytes);
  const text = new TextDecoder().decode(bytes);
  const told = status < 400 ? text : change(text);
  return { status, headers, bytes: told === text ? bytes : new TextEncoder().encode(told), text: told };
}

async function readBytes(response: Response, limitBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  // Some hosts give answers without a stream; `null` means that there is no body.
  if (response.body === undefined) return new Uint8Array(await response.arrayBuffer());
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const reader = response.body?.getReader();
  for (let length = 0; reader !== undefined && length < limitBytes; ) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.byteLength;
  }
  // Not waited for: a server that goes on sending need not be polite about being stopped.
  reader?.cancel().catch(() => {});
  return new Uint8Array(await new Blob(chunks).slice(0, limitBytes).arrayBuffer());
}
