/** The scripted model. */

import { AgentError } from "../util/errors.js";
import type { ModelRequest, ModelResponse } from "../message/message.js";
import type { ModelCallOptions, ModelClient } from "../models/model-client.js";
import { prepareRequest } from "../models/openai-request.js";
import { sleep } from "../models/retry.js";
import { checkScript, completionFor, matches, type Script, type ScriptStep, textOf } from "./script.js";
import { stream } from "./script-stream.js";

/**
 * A model client for tests and demonstrations: it responds to requests from a script, rejects requests
 * that the script does not expect, and reports steps that were not used.
 *
 * @example
 * const client = new ScriptedModel([
 *   { match: { last_contains: "weather" }, tool_calls: [{ name: "weather", arguments: { city: "Lisbon" } }] },
 *   { match: { last_role: "tool" }, content: "Sun all day." },
 * ]);
 * const forecaster = new AssistantAgent({ name: "forecaster", llmConfig: { model: "gpt-4o-mini", client } });
 * const weather = new Tool(() => "sun", { name: "weather", description: "Tells the weather of a city." });
 * const response = run(forecaster, { message: "What is the weather in Lisbon?", tools: weather, maxTurns: 2 });
 * console.log(await response.summary); // "Sun all day."
 * client.assertFinished();
 */
export class ScriptedModel implements ModelClient {
  readonly #script: Script;
  readonly #steps: readonly ScriptStep[];
  readonly #remaining: number[];
  readonly #requests: ModelRequest[] = [];
  readonly #unexpected: AgentError[] = [];

  /** Accepts a whole script, or its responses. @throws AgentError `invalid_option` for a misspelt field */
  constructor(script: Script | readonly ScriptStep[]) {
    this.#script = Array.isArray(script) ? { responses: script as readonly ScriptStep[] } : (script as Script);
    checkScript(this.#script);
    this.#steps = this.#script.responses ?? [];
    this.#remaining = this.#steps.map(({ repeat = 1 }) => (repeat === "forever" ? Infinity : repeat));
  }

  /** The bodies of all requests so far, as the HTTP client would have sent them. */
  get requests(): readonly ModelRequest[] {
    return this.#requests;
  }

  /** Returns the request as the HTTP client would send it. */
  prepare(request: Readonly<ModelRequest>): ModelRequest {
    return prepareRequest(request);
  }

  /** Responds to one request, in chunks if it asks for a stream. @throws AgentError if no response matches */
  async create(request: Readonly<ModelRequest>, options: ModelCallOptions = {}): Promise<ModelResponse> {
    const { signal } = options;
    signal?.throwIfAborted();
    const body = JSON.parse(JSON.stringify(prepareRequest(request))) as ModelRequest;
    this.#requests.push(body);
    const index = this.#steps.findIndex(
      (step, position) => (this.#remaining[position] ?? 0) > 0 && matches(step, body),
    );
    const step = this.#steps[index] ?? this.#script.fallback;
    if (step === undefined) throw this.#refuse(body);
    if (index >= 0) this.#remaining[index] = (this.#remaining[index] ?? 0) - 1;
    if (step.delay_ms !== undefined) await sleep(step.delay_ms, signal);
    const completion = completionFor(
      step,
      `chatcmpl-${this.#script.name ?? "script"}-${index < 0 ? 1 : index + 1}`,
      body,
    );
    return body.stream && step.raw_body === undefined ? stream(step, completion, body, options) : completion;
  }

  /**
   * Checks that the script was followed.
   *
   * @throws AgentError if a request was rejected, or a step that is not `optional` was not used
   */
  assertFinished(): void {
    const [refused] = this.#unexpected;
    if (refused !== undefined) throw refused;
    const unused = this.#describeRemaining(({ optional, repeat }) => !optional && repeat !== "forever");
    if (unused !== "")
      throw new AgentError(
        "script",
        `the script is not finished after ${this.#requests.length} requests; left are ${unused}`,
      );
  }

  #refuse(body: ModelRequest): AgentError {
    const last = body.messages.at(-1);
    const text = textOf(last);
    const shortText = text.length > 80 ? `${text.slice(0, 80)}…` : text;
    const remaining = this.#describeRemaining(() => true);
    const error = new AgentError(
      "script",
      `the script has no answer to request ${this.#requests.length} (model \`${body.model ?? "none"}\`, ` +
        `${body.messages.length} messages, the last one of role \`${last?.role ?? "none"}\` saying ` +
        `\`${shortText}\`); ${remaining === "" ? "no step is left" : `left are ${remaining}`}`,
    );
    this.#unexpected.push(error);
    return error;
  }

  #describeRemaining(counts: (step: ScriptStep) => boolean): string {
    return this.#steps
      .flatMap((step, index) =>
        (this.#remaining[index] ?? 0) > 0 && counts(step)
          ? [`step ${index + 1} ${JSON.stringify(step.match ?? "for any request")}`]
          : [],
      )
      .join(", ");
  }
}
