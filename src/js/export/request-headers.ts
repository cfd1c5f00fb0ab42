/** The headers of a request: those of the core, the credentials, and the program's own, which take precedence. */

import { checkedHeaders, secretsOf } from "./headers.js";
import { rememberSecrets } from "../util/shown-text.js";
import type { TransportSettings } from "./settings.js";

/** Headers ready to be sent, and the secrets in them. */
export interface RequestHeaders {
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

/** The last result of the program's function, for requests that cannot wait for it. */
let lastResult: { readonly by: unknown; readonly headers: ReadonlyMap<string, string> } | undefined;

/**
 * The headers of a request, for which the program's function is called, if there is one.
 *
 * @throws Error if that function fails or returns invalid headers. Its own message is not passed
 *   on: it may hold the very token that could not be renewed.
 */
export async function requestHeaders(
  core: RequestInit["headers"],
  settings: TransportSettings,
): Promise<RequestHeaders> {
  const { headers } = settings;
  if (typeof headers !== "function") return mergeHeaders(core, headers, settings);
  let result: unknown;
  try {
    result = await headers();
  } catch (error) {
    throw new Error(
      `the function given as \`headers\` failed${error instanceof Error ? ` with ${error.name}` : ""}: ` +
        "see to it that it gives header lines",
    );
  }
  const own = checkedHeaders(result);
  lastResult = { by: headers, headers: own };
  return mergeHeaders(core, own, settings);
}

/** The same without waiting: the function is not called, its last result is used. */
export function requestHeadersSync(core: RequestInit["headers"], settings: TransportSettings): RequestHeaders {
  const { headers } = settings;
  if (typeof headers !== "function") return mergeHeaders(core, headers, settings);
  return mergeHeaders(core, lastResult?.by === headers ? lastResult.headers : new Map(), settings);
}

function mergeHeaders(
  core: RequestInit["headers"],
  own: ReadonlyMap<string, string>,
  { authorization, secrets }: TransportSettings,
): RequestHeaders {
  const headers: Record<string, string> = { ...(core as Record<string, string> | undefined) };
  if (authorization !== undefined) headers["authorization"] = authorization;
  for (const [name, value] of own) headers[name] = value;
  const all = [...secrets, ...[...own.values()].flatMap(secretsOf)];
  rememberSecrets(all);
  return { headers, secrets: all };
}
