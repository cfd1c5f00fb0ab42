/** What an exporter without a network does: counts what it is given, and keeps it if asked to. */

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
