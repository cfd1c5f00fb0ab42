/**
 * Context propagation between programs: injects and extracts the W3C header `traceparent`
 * (https://www.w3.org/TR/trace-context/). Names as in MLflow's TypeScript SDK (core/distributed.ts) and,
 * but for the spelling, in Python (mlflow/tracing/distributed/__init__.py).
 */

import { loadBridge } from "../bridge/loader.js";
import { invalid } from "../util/errors.js";
import { guard } from "../util/guard.js";
import { givesFreshPromises } from "../instrument/call-result.js";
import { currentScope, withScope } from "../instrument/context.js";
import { endSpan, bindSpan, bindUnsampled, RemoteScope } from "../instrument/scopes.js";
import { setUnsampledContext, traceHeaders } from "../instrument/trace-headers.js";
import { isEnabled } from "../util/enablement.js";
import { onSettled } from "./on-settled.js";
import * as spanCalls from "../instrument/span-calls.js";
import type { SpanParent } from "./live-span.js";

/** Headers of a request in any form: `Headers`, Node's `request.headers`, or the value of `traceparent` itself. */
export type IncomingHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>> | string;

/** Version 00 and compatible later versions: ids that are not all zeros, and the flags. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
const SAMPLED = 1;

/**
 * Headers with which a server continues the current trace: `{ traceparent: … }`, or none without a current
 * trace. For an unsampled trace the header's flag says so, and the server records nothing either.
 *
 * @param context the parent in place of the active span: a span, or the `context` of an agents' callback.
 * @example
 * const answer = await fetch("/api/search", { headers: getTracingContextHeadersForHttpRequest() });
 */
export function getTracingContextHeadersForHttpRequest(context?: SpanParent): Record<string, string> {
  return traceHeaders(context?.scope ?? currentScope());
}

/**
 * Runs `callback` as part of the trace in `headers`: spans inside have that trace's id, and the sending
 * span as their parent. Works for sync and async callbacks, whose result or error is passed on unchanged.
 *
 * Headers without a trace have no effect: spans inside start a trace of their own. (MLflow's SDK throws
 * here; a request must not fail because its sender does not trace.) For a trace that is not sampled by its
 * flags, nothing inside is recorded either.
 *
 * @param callback receives the remote parent as `context`, to be passed on after an `await` in a page.
 * @example
 * // A server's handler, as Deno, Bun and Workers have it.
 * const handler = (request: Request) => withTracingContextFromHeaders(request.headers, async () => {
 *   const { summary } = await user.initiateChat(assistant, { message: await request.text() });
 *   return new Response(summary);
 * });
 * @example
 * // A page that its server has sent with <meta name="traceparent" content="00-…-01">.
 * const traceparent = document.querySelector<HTMLMetaElement>("meta[name=traceparent]")?.content ?? "";
 * withTracingContextFromHeaders(traceparent, (context) =>
 *   user.initiateChat(assistant, { message: "Hello.", context }),
 * );
 */
export function withTracingContextFromHeaders<Result>(
  headers: IncomingHeaders,
  callback: (context: SpanParent) => Result,
): Result {
  if (typeof callback !== "function")
    throw invalid("withTracingContextFromHeaders takes the headers first, then a function");
  const scope = remoteScope(headers);
  if (scope === undefined) return callback({});
  const end = (): void => void endSpan(scope);
  let result: Result;
  try {
    result = withScope(scope, () => callback({ scope }));
  } catch (error) {
    end();
    throw error;
  }
  onSettled(result, givesFreshPromises(callback), end, end);
  return result;
}

function remoteScope(headers: IncomingHeaders): RemoteScope | undefined {
  if (!isEnabled() || loadBridge() === undefined) return undefined;
  let scope: RemoteScope | undefined;
  guard(() => {
    const [, trace, span, flags] = TRACEPARENT.exec(traceparentIn(headers)) ?? [];
    if (trace === undefined) return;
    if ((Number.parseInt(flags!, 16) & SAMPLED) === 0) {
      scope = new RemoteScope();
      setUnsampledContext(scope, `${trace}-${span}`);
      bindUnsampled(scope);
      return;
    }
    const key = spanCalls.remoteParent(`${trace}-${span}`);
    if (key === 0) return;
    scope = new RemoteScope();
    bindSpan(scope, key, false);
  });
  return scope;
}

function traceparentIn(headers: IncomingHeaders): string {
  if (typeof headers === "string") return headers.trim();
  if (isHeaders(headers)) return headers.get("traceparent")?.trim() ?? "";
  for (const [name, value] of Object.entries(headers)) {
    if (name.toLowerCase() === "traceparent") return String(typeof value === "object" ? value[0] : value).trim();
  }
  return "";
}

function isHeaders(headers: object): headers is Headers {
  return "get" in headers && typeof headers.get === "function";
}
