/** Rules of a fault server that apply to every request: size, compression, credentials, and contents of bodies. */

import { gunzipSync } from "node:zlib";
import { field, fieldsOf, number } from "./protobuf.js";
import type { Rules } from "./script.js";
import type { WholeAnswer, WholeRequest } from "./upstream.js";

/** What the rules make of a request. */
export interface Ruling {
  /** The answer that it gets instead of being passed on. */
  readonly refusal?: WholeAnswer;
  /** What is passed on; not given with no refusal: nothing is left of it. */
  readonly changed?: WholeRequest;
  /** What becomes of the answer of the server behind, if there was one. */
  readonly afterwards?: (answer: WholeAnswer | undefined) => WholeAnswer;
}

const NGINX =
  "<html><head><title>413 Request Entity Too Large</title></head>" +
  "<body><center><h1>413 Request Entity Too Large</h1></center></body></html>";

/** Applies the rules to a request. */
export function rejectedBy(rules: Rules, request: WholeRequest): Ruling {
  const { authorization, largestBodyBytes = Number.POSITIVE_INFINITY, packedStatus, poison, leftOut } = rules;
  if (authorization !== undefined && request.headers.authorization !== authorization.value) {
    return refuse(authorization.status, "text/plain", "You are not authenticated. Please see the documentation.");
  }
  if (request.body.length > largestBodyBytes) return refuse(413, "text/html", NGINX);
  const isPacked = request.headers["content-encoding"] === "gzip";
  if (isPacked && packedStatus !== undefined)
    return refuse(packedStatus, "application/json", '{"detail":"Invalid OpenTelemetry format"}');
  if (request.method !== "POST" || (poison === undefined && leftOut === undefined)) return { changed: request };

  const body = isPacked ? gunzipSync(request.body) : request.body;
  if (poison !== undefined && body.includes(poison.text)) {
    return refuse(poison.status, "application/json", '{"detail":"Cannot convert OpenTelemetry span to MLflow span"}');
  }
  return leftOut !== undefined && request.path.endsWith("/v1/traces")
    ? withoutSome(request, body, leftOut)
    : { changed: request };
}

function refuse(status: number, type: string, body: string): Ruling {
  return { refusal: { status, headers: { "content-type": type }, body: Buffer.from(body) } };
}

/** Removes the spans that contain `text`, and reports it as `ExportTracePartialSuccess`. */
function withoutSome(request: WholeRequest, body: Buffer, text: string): Ruling {
  let left = 0;
  let kept = 0;
  const each = (bytes: Buffer, wanted: number, change: (inner: Buffer) => Buffer | undefined): Buffer =>
    Buffer.concat(
      fieldsOf(bytes).map((part) => {
        if (part.number !== wanted) return part.whole;
        const inner = change(part.content);
        return inner === undefined ? Buffer.alloc(0) : field(wanted, inner);
      }),
    );
  const spans = (scope: Buffer): Buffer =>
    each(scope, 2, (span) => {
      if (span.includes(text)) left += 1;
      else kept += 1;
      return span.includes(text) ? undefined : span;
    });
  const changed = each(body, 1, (resource) => each(resource, 2, spans));
  if (left === 0) return { changed: request };
  const headers = { ...request.headers };
  delete headers["content-encoding"];
  const partial = field(1, Buffer.concat([number(1, left), field(2, Buffer.from("some spans were left out"))]));
  return {
    ...(kept === 0 ? {} : { changed: { ...request, headers, body: changed } }),
    afterwards: (answer) =>
      answer !== undefined && answer.status !== 200
        ? answer
        : { status: 200, headers: { "content-type": "application/x-protobuf" }, body: partial },
  };
}
