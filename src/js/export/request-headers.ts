/** The header lines of a request: those of the core, the credentials, and the program's own, which win. */

import { checkedLines, secretsOf } from "./header-lines.js";
import type { TransportSettings } from "./settings.js";

/** Header lines ready to be sent, and what of them must not be shown. */
export interface RequestHeaders {
  readonly lines: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

/** What the program's function gave last, for moments in which nobody can wait for it. */
let lastGiven: { readonly by: unknown; readonly lines: ReadonlyMap<string, string> } | undefined;

/**
 * Asks the program's function, if it gave one.
 *
 * @throws Error if that function fails or gives what cannot be sent. Its own message is not passed
 *   on: it may hold the very token that could not be renewed.
 */
export async function requestHeaders(
  core: RequestInit["headers"],
  settings: TransportSettings,
): Promise<RequestHeaders> {
  const { headers } = settings;
  if (typeof headers !== "function") return together(core, headers, settings);
  let given: unknown;
  try {
    given = await headers();
  } catch (error) {
    throw new Error(
      `the function given as \`headers\` failed${error instanceof Error ? ` with ${error.name}` : ""}: see to it that it gives header lines`,
    );
  }
  const lines = checkedLines(given);
  lastGiven = { by: headers, lines };
  return together(core, lines, settings);
}

/** The same at once: a function is not asked, what it gave last is used. */
export function requestHeadersAtOnce(core: RequestInit["headers"], settings: TransportSettings): RequestHeaders {
  const { headers } = settings;
  if (typeof headers !== "function") return together(core, headers, settings);
  return together(core, lastGiven?.by === headers ? lastGiven.lines : new Map(), settings);
}

function together(
  core: RequestInit["headers"],
  own: ReadonlyMap<string, string>,
  { authorization, secrets }: TransportSettings,
): RequestHeaders {
  const lines: Record<string, string> = { ...(core as Record<string, string> | undefined) };
  if (authorization !== undefined) lines["authorization"] = authorization;
  for (const [name, value] of own) lines[name] = value;
  return { lines, secrets: [...secrets, ...[...own.values()].flatMap(secretsOf)] };
}
