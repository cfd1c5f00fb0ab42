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

/** The response of a tracking server with the experiment. */
export function answerTo(address) {
  if (address.endsWith("/version")) return "3.17.2";
  return address.includes("/experiments/")
    ? '{"experiment":{"experiment_id":"0","name":"Default","lifecycle_stage":"active"}}'
    : "";
}
