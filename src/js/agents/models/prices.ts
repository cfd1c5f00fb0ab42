/**
 * The prices of OpenAI's models: AG2's table (oai/openai_utils.py, `OAI_PRICE1K`), so that a chat
 * reports the same cost here and in Python. Models of equal price share a row.
 */

/** The prices of prompt and completion, in US dollars per 1000 tokens. */
export type TokenPrice = readonly [promptPer1K: number, completionPer1K: number];

/** A row for each pair of prices: prompt, completion, and the models. */
const TABLE = [
  "0.0015 0.006 o1-preview-2024-09-12 o1-preview o1 o1-2024-12-17 codex-mini-latest",
  "0.0003 0.0012 o1-mini-2024-09-12 o1-mini",
  "0.15 0.6 o1-pro o1-pro-2025-03-19",
  "0.0011 0.0044 o3 o3-mini-2025-01-31",
  "0.00175 0.014 gpt-5.2 gpt-5.2-chat-latest gpt-5.2-codex",
  "0.021 0.168 gpt-5.2-pro",
  "0.00125 0.01 gpt-5.2-codex-max gpt-5.1 gpt-5.1-2025-11-13 gpt-5.1-chat-latest gpt-5.1-codex " +
    "gpt-5.1-codex-max gpt-5 gpt-5-2025-08-07 gpt-5-chat-latest gpt-5-codex gpt-5-search-api",
  "0.00025 0.002 gpt-5.1-codex-mini gpt-5-mini gpt-5-mini-2025-08-07",
  "0.00005 0.0004 gpt-5-nano gpt-5-nano-2025-08-07",
  "0.015 0.12 gpt-5-pro",
  "0.005 0.015 gpt-4o gpt-4o-2024-05-13",
  "0.0025 0.01 gpt-4o-2024-08-06 gpt-4o-2024-11-20",
  "0.00015 0.0006 gpt-4o-mini gpt-4o-mini-2024-07-18",
  "0.01 0.03 gpt-4-turbo-2024-04-09 gpt-4-0125-preview gpt-4-1106-preview gpt-4-1106-vision-preview " +
    "gpt-4-turbo-preview",
  "0.03 0.06 gpt-4 gpt-4-0314 gpt-4-0613",
  "0.06 0.12 gpt-4-32k gpt-4-32k-0314 gpt-4-32k-0613",
  "0.002 0.008 gpt-4.1 gpt-4.1-2025-04-14",
  "0.0004 0.0016 gpt-4.1-mini gpt-4.1-mini-2025-04-14",
  "0.0001 0.0004 gpt-4.1-nano gpt-4.1-nano-2025-04-14",
  "0.0005 0.0015 gpt-3.5-turbo gpt-3.5-turbo-0125 gpt-35-turbo gpt-35-turbo-0125",
  "0.0015 0.002 gpt-3.5-turbo-instruct gpt-3.5-turbo-0613 gpt-3.5-turbo-0301 gpt-35-turbo-instruct " +
    "gpt-35-turbo-0613 gpt-35-turbo-0301",
  "0.002 0.002 davinci-002 text-curie-001",
  "0.0004 0.0004 babbage-002 text-ada-001",
  "0.001 0.002 gpt-3.5-turbo-1106 gpt-35-turbo-1106",
  "0.003 0.004 gpt-3.5-turbo-16k-0613 gpt-35-turbo-16k gpt-35-turbo-16k-0613",
  "0.0005 0.0005 text-babbage-001",
  "0.024 0.024 code-cushman-001",
  "0.1 0.1 code-davinci-002",
  "0.02 0.02 text-davinci-002 text-davinci-003",
  "0.00027 0.0011 deepseek-chat",
];

/** The price of `model`, or `undefined` if AG2 does not know it. */
export function priceOf(model: string): TokenPrice | undefined {
  const [prompt, completion] = TABLE.map((row) => row.split(" ")).find((row) => row.includes(model, 2)) ?? [];
  return prompt === undefined ? undefined : [Number(prompt), Number(completion)];
}
