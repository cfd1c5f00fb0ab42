/** The details of searches and embeddings, for observers: reported by adapters and other libraries. */

import type { Named } from "./observer.js";

/** A search for documents. */
export interface RetrieverStart {
  /** The name of the retriever. */
  name: string;
  /** What is searched for, usually text. */
  query: unknown;
  /** The agent on whose behalf it runs, if any. */
  agent?: Named | undefined;
}

/** The result of a search. */
export interface RetrieverEnd {
  /** The documents; MLflow shows those of the shape `{ page_content, metadata }` as such. */
  documents: readonly unknown[];
}

/** A call of a model that embeds texts. */
export interface EmbeddingStart {
  /** The request, exactly as it is sent: `model`, `input`, … */
  request: Readonly<Record<string, unknown>>;
  /** The agent on whose behalf the model is called, if any. */
  agent?: Named | undefined;
  /** The API of the model, as far as it is known. */
  api?: {
    /** The type, such as "azure". */
    readonly type: string | undefined;
    /** The URL. */
    readonly baseUrl: string | undefined;
  };
}

/** The response of such a model. */
export interface EmbeddingEnd {
  /** The response, with its token counts. */
  response: unknown;
}
