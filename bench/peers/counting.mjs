/** Replaces the network: an exporter that counts its spans, and can retain them, and a server that responds. */

/** A place to count in. */
export function counter(keepBodies = false) {
  const seen = { requests: 0, bytes: 0, ...(keepBodies ? { bodies: [] } : {}) };
  return {
    seen,
    take(body) {
      seen.requests += 1;
      seen.bytes += body.byteLength ?? body.length;
      // A copy: whose memory it is, is the exporter's affair.
      seen.bodies?.push(body.slice());
    },
  };
}

/** The type and the text of the response of a tracking server that has the experiment and stores what it gets. */
export function answerTo(address) {
  if (address.endsWith("/version")) return { type: "text/plain", text: "3.17.2" };
  const body = address.endsWith("/v1/traces")
    ? {}
    : address.includes("/experiments/")
      ? { experiment: { experiment_id: "0", name: "Default", lifecycle_stage: "active" } }
      : { trace: { trace_info: { trace_id: "tr-0" } } };
  return { type: "application/json", text: JSON.stringify(body) };
}

/** The same as the response to a `fetch`. */
export function respond(address) {
  const { type, text } = answerTo(String(address));
  return new Response(text, { headers: { "content-type": type } });
}
