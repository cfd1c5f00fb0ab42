/** The types of the options of requests. */

/** A `fetch` like the host's own. */
export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

/** Headers by name: an object, a `Headers`, a `Map` or pairs. */
export type HeaderLines = Readonly<Record<string, string>> | Iterable<readonly [name: string, value: string]>;

/** Headers, or a function that returns them for each request, for instance to renew a token. */
export type HeaderSource = HeaderLines | (() => HeaderLines | Promise<HeaderLines>);

/** Whether a page's cookies go along: the DOM's `RequestCredentials`, whose types not every program has. */
export type Credentials = "omit" | "same-origin" | "include";
