/** The official `openai` package, and as much of its types as the tests need. */

/** A promise that parses the response when it is awaited, and can return the raw one. */
export interface Answer<T> extends Promise<T> {
  withResponse(): Promise<{ data: T; response: Response; request_id: string | null }>;
  asResponse(): Promise<Response>;
}

export interface Chunk {
  choices: { delta: { content?: string | null } }[];
}

export interface Chunks extends AsyncIterable<Chunk> {
  tee(): [Chunks, Chunks];
  toReadableStream(): ReadableStream;
  controller: AbortController;
}

export interface Completed {
  id: string;
  choices: {
    message: {
      content: string | null;
      tool_calls?: { id: string; type: string; function: { name: string; arguments: string } }[];
    };
  }[];
}

export interface Client {
  chat: {
    completions: {
      create(request: {
        model: string;
        messages: readonly unknown[];
        stream: true;
        stream_options?: object;
      }): Answer<Chunks>;
      create(request: { model: string; messages: readonly unknown[]; stream?: false }): Answer<Completed>;
      parse(request: { model: string; messages: readonly unknown[] }): Answer<Completed>;
      stream(request: { model: string; messages: readonly unknown[] }): {
        finalMessage(): Promise<{ content: string | null }>;
      };
    };
  };
}

interface Package {
  default: {
    new (options: { apiKey: string; baseURL: string; maxRetries?: number }): Client;
    APIError: new (...given: never[]) => Error;
  };
}

// By a name that the compiler does not look up: the types above are all that the tests depend on.
const name: string = "openai";

/** The client's class. */
export const { default: OpenAI } = (await import(name)) as Package;
