/** What stands for a network: an exporter counts what it is given, and keeps it if asked to; a server answers. */

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

/** What a tracking server says that has the experiment. */
export function answerTo(address) {
  if (address.endsWith("/version")) return "3.17.2";
  return address.includes("/experiments/")
    ? '{"experiment":{"experiment_id":"0","name":"Default","lifecycle_stage":"active"}}'
    : "";
}
