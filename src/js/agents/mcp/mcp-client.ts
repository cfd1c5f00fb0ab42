/** The shape of an MCP client: that of the official TypeScript SDK, as far as tools and resources need it. */

/** Options of a request to a server. */
export interface McpRequestOptions {
  /** Cancels the request, also at the server. */
  signal?: AbortSignal;
  /** The time limit in milliseconds. */
  timeout?: number;
  /** Whether each report on the progress starts the time limit again. */
  resetTimeoutOnProgress?: boolean;
  /** Receives the server's reports on the progress. */
  onprogress?: (progress: McpProgress) => void;
}

/** A server's report on the progress of a request. */
export interface McpProgress {
  /** How far the request has come; grows with each report. */
  progress: number;
  /** The value of `progress` at the end, if the server knows it. */
  total?: number | undefined;
  /** The server's text for people. */
  message?: string | undefined;
}

/** A tool, as a server describes it. */
export interface McpToolDescription {
  /** The name. */
  name: string;
  /** The description for models. */
  description?: string | undefined;
  /** The JSON Schema of the arguments. */
  inputSchema: object;
}

/** A template of resources, as a server describes it. */
export interface McpResourceTemplate {
  /** The name. */
  name: string;
  /** The description for models. */
  description?: string | undefined;
  /** The template of the URIs (RFC 6570). */
  uriTemplate: string;
}

/** Parameters of a request for one page of a list. */
export interface McpListParams {
  /** The `nextCursor` of the page before; not given: the first page. */
  cursor?: string;
}

/** A notification of a server. */
export interface McpNotification {
  /** The method, such as "notifications/tools/list_changed". */
  method: string;
}

/**
 * A connected client: the `Client` of `@modelcontextprotocol/sdk`, of version 2's `@modelcontextprotocol/client`, or
 * any object of that shape.
 */
export interface McpClient {
  /** What the server offers, known since the client has connected. */
  getServerCapabilities():
    | {
        /** Present if the server has tools. */
        readonly tools?: object | undefined;
        /** Present if the server has resources. */
        readonly resources?: object | undefined;
      }
    | undefined;
  /** The server's name and version. */
  getServerVersion():
    | {
        /** The name. */
        readonly name: string;
        /** The version. */
        readonly version: string;
      }
    | undefined;
  /** Gives one page of the tools. */
  listTools(
    params?: McpListParams,
    options?: McpRequestOptions,
  ): Promise<{
    /** The tools of the page. */
    readonly tools: readonly McpToolDescription[];
    /** The cursor of the next page, if there is one. */
    readonly nextCursor?: string | undefined;
  }>;
  /** Calls a tool. */
  callTool(
    params: { name: string; arguments?: Record<string, unknown>; _meta?: Record<string, unknown> },
    resultSchema?: undefined,
    options?: McpRequestOptions,
  ): Promise<unknown>;
  /** Gives one page of the templates of resources. */
  listResourceTemplates(
    params?: McpListParams,
    options?: McpRequestOptions,
  ): Promise<{
    /** The templates of the page. */
    readonly resourceTemplates: readonly McpResourceTemplate[];
    /** The cursor of the next page, if there is one. */
    readonly nextCursor?: string | undefined;
  }>;
  /** Reads a resource. */
  readResource(params: { uri: string; _meta?: Record<string, unknown> }, options?: McpRequestOptions): Promise<unknown>;
  /** Receives the notifications for which the client has no other handler. */
  fallbackNotificationHandler?: ((notification: McpNotification) => Promise<void>) | undefined;
}

/** All pages of a list. */
export async function allPages<Page extends { readonly nextCursor?: string | undefined }>(
  list: (params: McpListParams | undefined) => Promise<Page>,
): Promise<Page[]> {
  const pages: Page[] = [];
  const seen = new Set<string>();
  for (let cursor: string | undefined; ; ) {
    const page = await list(cursor === undefined ? undefined : { cursor });
    pages.push(page);
    cursor = page.nextCursor;
    // A server that repeats a cursor would never end.
    if (cursor === undefined || seen.has(cursor)) return pages;
    seen.add(cursor);
  }
}
