/** The options of clients that use a vendor's npm package, and their check. */

import { AgentError } from "../util/errors.js";
import { checkBaseUrl, environmentVariable } from "../models/openai-endpoint.js";
import { checkOptions, type OptionRules } from "../util/options.js";

/** How the client of a vendor's package is made, where none is given. */
export interface PackageOptions {
  /** The key. Not given: the environment variable that the vendor's package reads. */
  apiKey?: string | undefined;
  /** The base URL of the API; not given: the vendor's. */
  baseUrl?: string | undefined;
  /** More headers of each request. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** The number of retries of a failed request; not given: 2. */
  maxRetries?: number | undefined;
  /** The timeout of one attempt in milliseconds; not given: the package's. */
  timeoutMs?: number | undefined;
  /** A function that replaces the global `fetch`. */
  fetch?: typeof fetch | undefined;
}

/** What a client needs to know of its package. */
export interface PackageFacts {
  /** The name on npm. */
  readonly name: string;
  /** The name of our client, for error messages. */
  readonly client: string;
  /** The environment variables that may have the key; none: the API needs no key. */
  readonly keyVariables: readonly string[];
  /** A call that every client of the package has, for error messages. */
  readonly call: string;
}

/** The options that describe a client, which one that is given has already. */
const OF_CLIENT = ["apiKey", "baseUrl", "headers", "fetch"] as const;
const OPTIONS: OptionRules<PackageOptions & { client?: object | undefined }> = {
  apiKey: "text",
  baseUrl: "text",
  headers: "any",
  fetch: "function",
  client: "any",
  maxRetries: "count",
  timeoutMs: "any",
};

/**
 * The options with the key that they or the environment name.
 *
 * @param isClient whether an object is a client of the package
 * @throws AgentError for an unknown option, a `client` of another shape, one with options of its own, or without a key
 */
export function checkPackageOptions<Options extends PackageOptions & { client?: object | undefined }>(
  options: Options,
  { client: ours, name, keyVariables, call }: PackageFacts,
  isClient: (client: object) => boolean,
): Options {
  checkOptions(ours, options, OPTIONS);
  const { client } = options;
  if (client !== undefined) {
    if (typeof client !== "object" || client === null || !isClient(client))
      throw new AgentError("invalid_option", `\`client\` must be a client of \`${name}\`, with \`${call}\``);
    const own = OF_CLIENT.filter((option) => options[option] !== undefined);
    if (own.length > 0)
      throw new AgentError("invalid_option", `\`${own.join("`, `")}\` and \`client\` exclude each other: set it there`);
    return options;
  }
  const apiKey = options.apiKey ?? keyVariables.map(environmentVariable).find((key) => key !== undefined);
  const [variable] = keyVariables;
  if (apiKey === undefined && variable !== undefined)
    throw new AgentError(
      "invalid_config",
      `\`${ours}\` needs \`apiKey\` or \`client\`: give one, or set the environment variable \`${variable}\``,
    );
  return { ...options, apiKey, baseUrl: options.baseUrl && checkBaseUrl(options.baseUrl) };
}

/** The error for a package that cannot be loaded. */
export function notInstalled(name: string, cause: unknown): AgentError {
  return new AgentError(
    "not_supported",
    `the package \`${name}\` cannot be loaded: install it (\`npm install ${name}\`), or give its client as \`client\``,
    { cause },
  );
}

/** A function that returns the client: the given one, or one that `make` makes at the first call. */
export function onceMade<Client>(given: Client | undefined, make: () => Promise<Client>): () => Promise<Client> {
  let made: Promise<Client> | undefined;
  return () =>
    given !== undefined
      ? Promise.resolve(given)
      : (made ??= make().catch((error: unknown) => {
          // The next call tries again: the package may have been out of reach.
          made = undefined;
          throw error;
        }));
}
