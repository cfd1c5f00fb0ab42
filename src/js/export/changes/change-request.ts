/** A change of a stored trace, as the request that is sent, and as the bytes that the store holds of it. */

import type { Place } from "../send-request.js";

/** A change of a stored trace. */
export interface ChangeRequest {
  /** The server and the workspace of the trace. */
  readonly place: Place;
  readonly traceId: string;
  readonly method: "POST" | "PATCH" | "DELETE";
  /** The path on the server. */
  readonly path: string;
  /** The body. */
  readonly json: string;
  /**
   * Whether status 404 can mean that the trace has not arrived yet; else it means that there is nothing to change.
   * "asks": the server would not answer so, and is asked for the trace before.
   */
  readonly awaitsTrace: boolean | "asks";
}

/** Records of another version are not read. */
const VERSION = 1;
const PATH = /^\/api\/[23]\.0\/mlflow\/traces\/[\w/.!~*'()%-]+$/;

/** Whether this is the id of a trace. */
export function isTraceId(id: unknown): id is string {
  return typeof id === "string" && /^tr-[0-9a-f]{32}$/.test(id);
}

/** The record of a change: what is sent, and where to, without headers. */
export function encodeChange({ place, traceId, method, path, json, awaitsTrace }: ChangeRequest): Uint8Array {
  const { trackingUri, workspace } = place;
  const record = { version: VERSION, trackingUri, workspace, traceId, method, path, json, awaitsTrace };
  return new TextEncoder().encode(JSON.stringify(record));
}

/** The change in a record; `undefined` for bytes that are none. */
export function decodeChange(bytes: Uint8Array): ChangeRequest | undefined {
  try {
    const record = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as Record<string, unknown>;
    const { version, trackingUri, workspace, traceId, method, path, json, awaitsTrace } = record;
    const isChange =
      version === VERSION &&
      typeof trackingUri === "string" &&
      ["string", "undefined"].includes(typeof workspace) &&
      isTraceId(traceId) &&
      ["POST", "PATCH", "DELETE"].includes(method as string) &&
      typeof path === "string" &&
      PATH.test(path) &&
      !path.includes("..") &&
      typeof json === "string" &&
      [true, false, "asks"].includes(awaitsTrace as boolean);
    if (!isChange) return undefined;
    JSON.parse(json);
    return { place: { trackingUri, workspace }, traceId, method, path, json, awaitsTrace } as ChangeRequest;
  } catch {
    return undefined;
  }
}
