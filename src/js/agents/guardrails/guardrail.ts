/** Guardrails (AG2: agentchat/group/guardrails.py). The judge's prompt is AG2's (Apache-2.0). */

import type { ConversableAgent } from "../agent/conversable-agent.js";
import { type ChatMessage, contentText } from "../message/message.js";
import type { LlmConfig } from "../models/llm-config.js";
import { OpenAIWrapper } from "../models/openai-wrapper.js";
import type { CallContext } from "../types.js";
import { AgentError, messageOf } from "../util/errors.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import { addGuardrails } from "../group/agent-guardrails.js";
import { TransitionTarget } from "../group/targets.js";

/** The outcome of a check. */
export interface GuardrailResult {
  /** Whether the guardrail was activated. */
  readonly activated: boolean;
  /** The reason. */
  readonly justification: string;
}

/** Options of guardrails. */
export interface GuardrailOptions {
  /** The guardrail's name. */
  name: string;
  /** The target that the group hands off to when the guardrail is activated. */
  target: TransitionTarget;
  /** The text that replaces the agent's message; not given: "Guardrail 'NAME' has been activated." */
  activationMessage?: string | undefined;
}

const GUARDRAIL_OPTIONS: OptionRules<GuardrailOptions & { condition: unknown; llmConfig: unknown }> = {
  name: "text",
  target: "any",
  activationMessage: "text",
  condition: "any",
  llmConfig: "any",
};

/**
 * Checks what an agent reads or says. Use a subclass, or one of your own with a method `check`.
 *
 * @example
 * class TooLong extends Guardrail {
 *   readonly condition = "longer than 1000 characters";
 *   check(context: string | readonly ChatMessage[]): GuardrailResult {
 *     const activated = typeof context === "string" && context.length > 1000;
 *     return { activated, justification: "The text is too long." };
 *   }
 * }
 * registerOutputGuardrails(assistant, new TooLong({ name: "length", target: new StayTarget() }));
 */
export abstract class Guardrail {
  /** The guardrail's name. */
  readonly name: string;
  /** The condition as text. */
  abstract readonly condition: string;
  /** The target that the group hands off to. */
  readonly target: TransitionTarget;
  /** The text that replaces the agent's message. */
  readonly activationMessage: string;

  /** @throws AgentError without a valid target */
  constructor(options: GuardrailOptions) {
    checkOptions("Guardrail", options, GUARDRAIL_OPTIONS);
    const { name, target, activationMessage } = options;
    if (!(target instanceof TransitionTarget))
      throw new AgentError(
        "invalid_option",
        `guardrail \`${name}\` needs a \`target\`, such as \`new TerminateTarget()\``,
      );
    this.name = name;
    this.target = target;
    this.activationMessage = activationMessage || `Guardrail '${name}' has been activated.`;
  }

  /** Checks the messages that an agent replies to, or the text of its reply. */
  abstract check(
    context: string | readonly ChatMessage[],
    callContext: CallContext,
  ): GuardrailResult | Promise<GuardrailResult>;
}

/**
 * A guardrail by a regular expression: of JavaScript, or a text, in which a leading `(?i)` and named groups may be
 * written as in Python.
 *
 * @example
 * const card = new RegexGuardrail({ name: "card", condition: /\d{16}/, target: new TerminateTarget() });
 * registerOutputGuardrails(assistant, card);
 */
export class RegexGuardrail extends Guardrail {
  readonly condition: string;
  readonly #regex: RegExp;

  /** @throws AgentError for an invalid regular expression */
  constructor(options: GuardrailOptions & { condition: string | RegExp }) {
    super(options);
    const { condition } = options;
    this.condition = String(condition instanceof RegExp ? condition.source : condition);
    try {
      this.#regex = condition instanceof RegExp ? withoutState(condition) : fromPython(condition);
    } catch (cause) {
      const message = `guardrail \`${this.name}\` has the invalid pattern \`${condition}\`: ${messageOf(cause)}`;
      throw new AgentError("invalid_option", message, { cause });
    }
  }

  /** Searches the texts for the expression. */
  check(context: string | readonly ChatMessage[]): GuardrailResult {
    const texts = typeof context === "string" ? [context] : context.map(({ content }) => contentText(content));
    for (const text of texts) {
      const match = this.#regex.exec(text);
      if (match) return { activated: true, justification: `Match found -> ${match[0]}` };
    }
    return { activated: false, justification: "No match found in the context." };
  }
}

/**
 * A guardrail by a model, which judges the condition with one request.
 *
 * @example
 * const law = new LLMGuardrail({
 *   name: "law",
 *   condition: "The text is legal advice.",
 *   target: new AgentTarget(guide),
 *   llmConfig,
 * });
 * registerOutputGuardrails(assistant, law);
 */
export class LLMGuardrail extends Guardrail {
  readonly condition: string;
  readonly #client: OpenAIWrapper;

  /** @throws AgentError without a model */
  constructor(options: GuardrailOptions & { condition: string; llmConfig: LlmConfig }) {
    super(options);
    this.condition = options.condition;
    if (!options.llmConfig)
      throw new AgentError("missing_llm_config", `guardrail \`${this.name}\` has no model: give it an \`llmConfig\``);
    const { tools: _, functions: __, ...llmConfig } = options.llmConfig;
    this.#client = new OpenAIWrapper({ ...llmConfig, response_format: RESPONSE_FORMAT });
  }

  /** Asks the model. @throws AgentError if its answer is no judgement */
  async check(context: string | readonly ChatMessage[], callContext: CallContext): Promise<GuardrailResult> {
    const content = `You are a guardrail that checks if a condition is met in the conversation you are given.
You will activate the guardrail only if the condition is met.

**Condition: ${this.condition}**`;
    const given = typeof context === "string" ? [{ role: "user", content: context }] : context;
    const response = await this.#client.create(
      { messages: [{ role: "system", content }, ...given.flatMap(sendable)] },
      { agent: callContext.agent, context: callContext },
    );
    const text = contentText(response.choices[0]?.message.content);
    try {
      const { activated, justification = "No justification provided" } = JSON.parse(text) as Partial<GuardrailResult>;
      if (typeof activated === "boolean" && typeof justification === "string") return { activated, justification };
    } catch {
      // Reported below.
    }
    throw new AgentError(
      "invalid_message",
      `the model of guardrail \`${this.name}\` gave no judgement but \`${text}\``,
    );
  }
}

/** The responses of tools as messages of their own, as the API wants them. */
function sendable(message: ChatMessage): readonly ChatMessage[] {
  return message.role === "tool" && message.tool_responses?.length ? message.tool_responses : [message];
}

const RESPONSE_FORMAT = {
  type: "json_schema",
  json_schema: {
    schema: {
      description: "LLM-facing JSON schema for a guardrail check.",
      properties: {
        activated: { title: "Activated", type: "boolean" },
        justification: { default: "No justification provided", title: "Justification", type: "string" },
      },
      required: ["activated", "justification"],
      title: "GuardrailCheckResult",
      type: "object",
      additionalProperties: false,
    },
    name: "GuardrailCheckResult",
    strict: true,
  },
};

function withoutState({ source, flags }: RegExp): RegExp {
  return new RegExp(source, flags.replace(/[gy]/g, ""));
}

function fromPython(pattern: string): RegExp {
  const [whole = "", flags = ""] = /^\(\?([imsux]+)\)/.exec(pattern) ?? [];
  return new RegExp(pattern.slice(whole.length).replaceAll("(?P<", "(?<"), flags.replace(/[ux]/g, ""));
}

/**
 * Adds guardrails that check the messages before the agent replies to them in a group. The first that is activated
 * replies instead of the agent.
 *
 * @example
 * const rude = new RegexGuardrail({ name: "rude", condition: /stupid/i, target: new TerminateTarget() });
 * registerInputGuardrails(assistant, rude);
 */
export function registerInputGuardrails(agent: ConversableAgent, added: Guardrail | readonly Guardrail[]): void {
  addGuardrails("input", agent, added);
}

/**
 * Adds guardrails that check the agent's replies in a group. The text of the first that is activated replaces the
 * reply, which no agent gets.
 *
 * @example
 * const secret = new RegexGuardrail({ name: "secret", condition: /sk-\w+/, target: new StayTarget() });
 * registerOutputGuardrails(assistant, secret);
 */
export function registerOutputGuardrails(agent: ConversableAgent, added: Guardrail | readonly Guardrail[]): void {
  addGuardrails("output", agent, added);
}
