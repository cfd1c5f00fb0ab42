/**
 * Traces across programs: the W3C header `traceparent` (https://www.w3.org/TR/trace-context/), out
 * and in. Names as in MLflow's TypeScript SDK (core/distributed.ts) and, but for the spelling, in
 * Python (mlflow/tracing/distributed/__init__.py).
 */

import type { Scope } from "../agents/observe/observer.js";
import { loadBridge, loadedBridge } from "../bridge/loader.js";
import { guard } from "../util/guard.js";
import { currentScope, runWithin } from "../instrument/context.js";
import { ended, isUnsampled, keyOf, nearest, remember, rememberUnsampled, RemoteScope } from "../instrument/scopes.js";
import { isEnabled } from "../util/switch.js";
import { afterwards } from "./afterwards.js";
import * as facts from "./facts.js";
import type { SpanParent } from "./live-span.js";

/** Headers of a request as programs hold them: `Headers`, Node's `request.headers`, or the value of `traceparent` itself. */
export type IncomingHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>> | string;

/** Version 00 and whatever later versions put behind it: ids that are not all zeros, and the flags. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
const SAMPLED = 1;

/** What the servers are told of a trace that is not recorded, once there is one to be told. */
const unrecorded = new WeakMap<Scope, string>();

/**
 * Headers that let the server continue this trace: `{ traceparent: … }`, or nothing where none is
 * known. Within a trace that sampling left out they say so, and the server records nothing either.
 *
 * @param context where to look instead of here: a span, or the `context` of an agents' callback.
 * @example
 * const answer = await fetch("/api/search", { headers: getTracingContextHeadersForHttpRequest() });
 */
export function getTracingContextHeadersForHttpRequest(context?: SpanParent): Record<string, string> {
  const scope = nearest(context?.scope ?? currentScope());
  if (scope !== undefined && isUnsampled(scope)) return unrecordedHeaders(scope);
  const found = scope && facts.spanContext(keyOf(scope)!);
  return found === undefined ? {} : { traceparent: `00-${found}-01` };
}

/**
 * Runs `callback` as part of the trace that `headers` tell of: what is recorded inside carries that
 * trace's id and hangs below the span that sent them. Works for sync and async callbacks; what they
 * give or throw goes to the caller unchanged.
 *
 * Headers that tell of no trace change nothing: the spans inside begin a trace of their own.
 * (MLflow's SDK throws here; a request must not fail because its sender does not trace.) Where they
 * tell of a trace that is not recorded (its flags say so), nothing inside is recorded either.
 *
 * @param callback receives what it runs in as `context`, to hand on after an `await` in a page.
 * @example
 * // A server's handler, as Deno, Bun and Workers have it.
 * const handler = (request: Request) => withTracingContextFromHeaders(request.headers, async () => {
 *   const { summary } = await user.initiateChat(assistant, { message: await request.text() });
 *   return new Response(summary);
 * });
 * @example
 * // A page that its server has sent with <meta name="traceparent" content="00-…-01">.
 * const traceparent = document.querySelector<HTMLMetaElement>("meta[name=traceparent]")?.content ?? "";
 * withTracingContextFromHeaders(traceparent, (context) => user.initiateChat(assistant, { message: "Hello.", context }));
 */
export function withTracingContextFromHeaders<Result>(
  headers: IncomingHeaders,
  callback: (context: SpanParent) => Result,
): Result {
  const scope = remoteScope(headers);
  if (scope === undefined) return callback({});
  const end = (): void => void ended(scope);
  let result: Result;
  try {
    result = runWithin(scope, () => callback({ scope }));
  } catch (error) {
    end();
    throw error;
  }
  return afterwards(result, end, end);
}

function remoteScope(headers: IncomingHeaders): RemoteScope | undefined {
  if (!isEnabled() || loadBridge() === undefined) return undefined;
  let scope: RemoteScope | undefined;
  guard(() => {
    const [, trace, span, flags] = TRACEPARENT.exec(traceparentIn(headers)) ?? [];
    if (trace === undefined) return;
    if ((Number.parseInt(flags!, 16) & SAMPLED) === 0) {
      scope = new RemoteScope();
      unrecorded.set(scope, `${trace}-${span}`);
      rememberUnsampled(scope);
      return;
    }
    const key = facts.remoteParent(`${trace}-${span}`);
    if (key === 0) return;
    scope = new RemoteScope();
    remember(scope, key, false);
  });
  return scope;
}

function unrecordedHeaders(scope: Scope): Record<string, string> {
  let context = unrecorded.get(scope);
  if (context === undefined) {
    const bridge = loadedBridge();
    context = bridge?.core.unrecordedContext();
    if (context === undefined) return {};
    unrecorded.set(scope, context);
  }
  return { traceparent: `00-${context}-00` };
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
