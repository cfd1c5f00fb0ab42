/**
 * The token counts of a response, by the shapes in which providers and libraries report them. The table serves the
 * clients for other vendors' packages, and the tracer, which imports this file and no other of the agents. It imports
 * nothing, so that neither contains more of the other. `mlflow-ag2/agents` reads fewer names (reported-usage.ts).
 */

/** The token counts of a response. NaN stands for a count that was not reported. */
export interface TokenCounts {
  /** The tokens of the prompt, with those that were read from a cache or written to it. */
  prompt: number;
  /** The tokens of the answer, with those of reasoning. */
  completion: number;
  /** The total as the provider names it; the sum of the two where it names none, or less than that. */
  total: number;
  /** The tokens of the prompt that were read from a cache. */
  cacheRead: number;
  /** The tokens of the prompt that were written to a cache. */
  cacheCreation: number;
  /** Of those, the tokens that are cached for an hour (Anthropic), which cost more. */
  cacheCreationAbove1h: number;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * The rows, tried from the first to the last: where prompt, completion, total, tokens from a cache, and tokens to a
 * cache are in the object with the counts. A space separates alternatives, of which the first with a count is taken;
 * "+" adds counts; "." leads into an object. Names are in camelCase, and found in snake_case too.
 */
const ROWS: readonly (readonly string[])[] = [
  // OpenAI's chat completions and embeddings, on Azure too: platform.openai.com/docs/api-reference/chat/object.
  // Compatible: vLLM (docs.vllm.ai, "OpenAI-Compatible Server"), Mistral (docs.mistral.ai/api), Groq, OpenRouter
  // (openrouter.ai/docs/use-cases/usage-accounting), DeepSeek with `prompt_cache_hit_tokens`
  // (api-docs.deepseek.com/guides/kv_cache), Moonshot with `cached_tokens`, LiteLLM with Anthropic's names for a cache
  // that is part of the prompt (docs.litellm.ai/docs/completion/prompt_caching), LangChain.js' `tokenUsage`, and
  // version 4 of Vercel's `ai`.
  [
    "promptTokens",
    "completionTokens",
    "totalTokens",
    "promptTokensDetails.cachedTokens promptCacheHitTokens cacheReadInputTokens numCachedTokens cachedTokens",
    "promptTokensDetails.cacheWriteTokens promptTokensDetails.cacheCreationTokens cacheCreationInputTokens",
    "cacheCreation.ephemeral_1hInputTokens",
  ],
  // Versions 5 and 6 of Vercel's `ai`, in providers: ai-sdk.dev/docs/reference/ai-sdk-core/generate-text.
  ["inputTokens.total", "outputTokens.total", "totalTokens", "inputTokens.cacheRead", "inputTokens.cacheWrite"],
  // Anthropic, whose input is without its cache (docs.claude.com/en/docs/build-with-claude/prompt-caching; MLflow adds
  // it too: mlflow/anthropic/autolog.py, `_parse_usage`), Bedrock's Converse likewise
  // (docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html; mlflow/bedrock/utils.py). With the
  // cache in the input: OpenAI's responses (platform.openai.com/docs/api-reference/responses/object) and its realtime
  // events, LangChain's `usage_metadata` (js.langchain.com, `UsageMetadata`), and results of Vercel's `ai`.
  [
    "inputTokens+cacheReadInputTokens+cacheCreationInputTokens+cacheWriteInputTokens",
    "outputTokens",
    "totalTokens",
    "cacheReadInputTokens inputTokensDetails.cachedTokens inputTokenDetails.cacheRead " +
      "inputTokenDetails.cacheReadTokens inputTokenDetails.cachedTokens cachedInputTokens cachedTokens",
    "cacheCreationInputTokens cacheWriteInputTokens inputTokensDetails.cacheWriteTokens " +
      "inputTokenDetails.cacheCreation inputTokenDetails.cacheWriteTokens",
    "cacheCreation.ephemeral_1hInputTokens",
  ],
  // Gemini: ai.google.dev/api/generate-content#UsageMetadata; its live API has `responseTokenCount`, and Llama on
  // Bedrock `generation_token_count`.
  [
    "promptTokenCount+toolUsePromptTokenCount",
    "candidatesTokenCount+responseTokenCount+generationTokenCount+thoughtsTokenCount",
    "totalTokenCount",
    "cachedContentTokenCount",
  ],
  // Ollama: github.com/ollama/ollama/blob/main/docs/api.md.
  ["promptEvalCount", "evalCount"],
  // llama.cpp, with `timings` beside OpenAI's shape: github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md.
  ["tokensEvaluated timings.promptN+timings.cacheN", "tokensPredicted timings.predictedN", "", "timings.cacheN"],
  // Cohere: docs.cohere.com/reference/chat.
  [
    "tokens.inputTokens billedUnits.inputTokens",
    "tokens.outputTokens billedUnits.outputTokens",
    "",
    "cachedTokens tokens.cachedTokens",
  ],
  // Bedrock's InvokeModel, its metrics and Titan:
  // docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-text.html.
  ["inputTokenCount inputTextTokenCount", "outputTokenCount results.0.tokenCount", "", "cacheReadInputTokenCount"],
];

/** Where a response, or one piece of a stream, has the counts: in one of these objects of one of those. */
const HOLDERS =
  " response message metadata data delta body chunk raw llmOutput responseMetadata xGroq generations.0.message " +
  "generations.0.0.message";
const COUNTS =
  "usage usageMetadata tokenUsage totalUsage estimatedTokenUsage meta metrics amazon-bedrock-invocationMetrics ";

/** A name in both spellings, for each step of a path. */
type Path = readonly (readonly string[])[];

const pathsOf = (names: string): Path[] =>
  names.split(/[ +]/).map((path) => (path === "" ? [] : path.split(".").map((name) => [name, snakeCase(name)])));

/** The constants above as paths, and the first names of the paths; made at first use. */
const table = () => {
  const rows = ROWS.map((row) => row.map((cell) => cell.split(" ").map(pathsOf)));
  const [holders, counts] = [pathsOf(HOLDERS), pathsOf(COUNTS)];
  const firstNames = (all: readonly Path[]) => new Set(all.flatMap(([first]) => first ?? []));
  return { rows, holders, counts, inRows: firstNames(rows.flat(3)), outside: firstNames([...holders, ...counts]) };
};
let paths: ReturnType<typeof table> | undefined;

/** How deep the objects of one count may lie in the object with the counts. */
const MAX_DEPTH = 2;

/** The counts of a response, or of the pieces of a stream; all NaN if it has none. Never throws. */
export function tokenCounts(response: unknown): TokenCounts {
  let found: TokenCounts | undefined;
  try {
    found = Array.isArray(response) ? countsIn(response.reduce(mergeUsage, undefined)) : usageIn(response)?.counts;
  } catch {
    // A getter or a Proxy threw.
  }
  return found ?? countsOf([]);
}

/**
 * The counts of a stream so far, after one more piece. Of a count that several pieces report the last one counts;
 * null, and 0 after another count, say nothing: each piece of a stream has only what is known by then. Never throws.
 */
export function mergeUsage(usage: Fields | undefined, piece: unknown): Fields | undefined {
  try {
    const found = usageIn(piece)?.usage;
    // LangChain's pieces have what each of them adds (`mergeUsageMetadata`).
    const isAdded = found?.["input_tokens"] !== undefined && found === (piece as Fields)["usage_metadata"];
    return found === undefined ? usage : merge(usage ?? {}, found, isAdded, MAX_DEPTH);
  } catch {
    return usage;
  }
}

function merge(one: Fields, other: Fields, isAdded: boolean, depth: number): Fields {
  const merged: Record<string, unknown> = { ...one };
  for (const [name, value] of Object.entries(other)) {
    const before = merged[name];
    if (isFields(value)) {
      if (depth > 0) merged[name] = merge(isFields(before) ? before : {}, value, isAdded, depth - 1);
    } else if (isAdded && typeof before === "number") merged[name] = before + (value as number);
    else if (value !== null && value !== undefined && (value !== 0 || before === undefined)) merged[name] = value;
  }
  return merged;
}

/** The object with the counts: the first that has one above 0, or else the first that has one. */
function usageIn(response: unknown): { usage: Fields; counts: TokenCounts } | undefined {
  // The getters of a result of Vercel's `streamText` begin to read its stream.
  if (typeof read(response, [["consumeStream"]]) === "function") return undefined;
  const { holders, counts: names, outside } = (paths ??= table());
  let zeros: { usage: Fields; counts: TokenCounts } | undefined;
  for (const path of holders) {
    const holder = read(response, path, true);
    if (!isFields(holder)) continue;
    const isOutside = mayHave(holder, outside);
    for (const name of isOutside ? names : [[]]) {
      const usage = read(holder, name);
      const counts = countsIn(usage);
      if (counts === undefined) continue;
      const found = { usage: usage as Fields, counts };
      if (counts.total > 0) return found;
      zeros ??= found;
    }
    if (path.length === 0 && !isOutside) break;
  }
  return zeros;
}

/** Whether an object may have one of these properties: plain data shows it by its keys, which is quick to see. */
function mayHave(value: Fields, names: ReadonlySet<string>): boolean {
  if (Object.getPrototypeOf(value) !== Object.prototype) return true;
  for (const name in value) if (names.has(name) && value[name] !== null && value[name] !== undefined) return true;
  return false;
}

/** The counts in an object: by the first row with a count above 0, or else by the first that has a total or zeros. */
function countsIn(usage: unknown): TokenCounts | undefined {
  const { rows, inRows } = (paths ??= table());
  if (!isFields(usage) || !mayHave(usage, inRows)) return undefined;
  let rest: TokenCounts | undefined;
  for (const row of rows) {
    const isReported = (column: number): boolean => !Number.isNaN(cell(usage, row[column]));
    const hasPart = isReported(0) || isReported(1);
    if (!hasPart && !isReported(2)) continue;
    const counts = countsOf(row.map((alternatives) => cell(usage, alternatives)));
    const { prompt, completion, total } = counts;
    counts.prompt = known(prompt, total - completion);
    counts.completion = known(completion, total - prompt);
    counts.total = Math.max(known(total), counts.prompt + counts.completion);
    if (hasPart && counts.total > 0) return counts;
    rest ??= counts;
  }
  return rest;
}

function countsOf([
  prompt = Number.NaN,
  completion = Number.NaN,
  total = Number.NaN,
  cacheRead = Number.NaN,
  ...more
]: number[]): TokenCounts {
  const [cacheCreation = Number.NaN, cacheCreationAbove1h = Number.NaN] = more;
  return { prompt, completion, total, cacheRead, cacheCreation, cacheCreationAbove1h };
}

/** A count that was not reported is what is left of the total, or 0. */
function known(tokens: number, rest = 0): number {
  return Number.isNaN(tokens) ? Math.max(rest || 0, 0) : tokens;
}

/** The count of a cell: the first alternative of which a part is reported. */
function cell(usage: Fields, alternatives: readonly (readonly Path[])[] = []): number {
  for (const parts of alternatives) {
    let sum = Number.NaN;
    for (const path of parts) {
      const tokens = count(read(usage, path));
      if (!Number.isNaN(tokens)) sum = (sum || 0) + tokens;
    }
    if (!Number.isNaN(sum)) return sum;
  }
  return Number.NaN;
}

/** A count as a number: some gateways write it as text. NaN for what cannot be a count. */
function count(value: unknown): number {
  const isText = typeof value === "string" && value.trim() !== "";
  const number = isText || typeof value === "bigint" ? Number(value) : value;
  return Number.isSafeInteger(number) && (number as number) >= 0 ? (number as number) : Number.NaN;
}

/** The value at a path. `isOwn`: no getter of a class runs, since that of a stream's result may begin to read it. */
function read(value: unknown, path: Path, isOwn = false): unknown {
  let at = value;
  try {
    for (const names of path) {
      const holder = at;
      at = undefined;
      if (!isFields(holder)) break;
      for (const name of names) if (!isOwn || Object.hasOwn(holder, name)) at ??= holder[name];
    }
    return at;
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

/** `promptTokens` → `prompt_tokens`. */
function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
