/** The options of `GroupChat` (AG2: agentchat/groupchat.py, the fields of `GroupChat`). */

import type { Agent, CallContext } from "../types.js";
import type { ConversableAgent } from "../agent/conversable-agent.js";
import { AgentError, invalidOption } from "../util/errors.js";
import type { GroupChat } from "./group-chat.js";
import type { Hooks } from "../agent/hooks.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import { quoted, duplicates } from "../util/lists.js";
import type { LlmConfig } from "../models/llm-config.js";
import type { ChatMessage } from "../message/message.js";
import type { Scope } from "../observe/observer.js";
import type { TransitionOptions } from "./speaker-transitions.js";

/** The built-in methods to select a speaker: by a model, by a person, at random, or in the order of `agents`. */
export type SpeakerSelectionMethodName = "auto" | "manual" | "random" | "round_robin";

/**
 * Selects the next speaker: returns a member, to which no other rules apply; the name of a built-in
 * method, to which they apply; or null (or nothing), which ends the group chat.
 */
export type SpeakerSelectionFunction = (
  lastSpeaker: Agent,
  groupChat: GroupChat,
  context: CallContext,
) =>
  | ConversableAgent
  | SpeakerSelectionMethodName
  | null
  | undefined
  | Promise<ConversableAgent | SpeakerSelectionMethodName | null | undefined>;

/** The method that selects the next speaker. */
export type SpeakerSelectionMethod = SpeakerSelectionMethodName | SpeakerSelectionFunction;

/** The state of a selection, for policies (AG2: agentchat/eligibility_policy.py, `SelectionContext`). */
export interface SelectionContext {
  /** The number of messages so far: 1 at the first selection. */
  readonly round: number;
  /** The name of the last speaker; `undefined` if no agent has spoken. */
  readonly lastSpeaker: string | undefined;
  /** The names of all members. */
  readonly participants: readonly string[];
}

/** A policy that excludes members from selection (AG2: agentchat/eligibility_policy.py, `AgentEligibilityPolicy`). */
export interface AgentEligibilityPolicy {
  /** Returns whether this member may speak next. */
  isEligible(agent: ConversableAgent, context: SelectionContext): boolean | Promise<boolean>;
}

/** A handler of commands in replies: executes the command and returns the reply without it. */
export type ClearHistoryCommand = (
  message: string | ChatMessage,
  groupChat: GroupChat,
  scope: Scope,
) => Promise<string | ChatMessage>;

/** Options of `GroupChat`. */
export interface GroupChatOptions extends TransitionOptions {
  /** The members; their names must differ. */
  agents: ConversableAgent[];
  /** Earlier messages. The group chat uses this list itself. */
  messages?: ChatMessage[] | undefined;
  /** The most messages, including the first; not given: 10. */
  maxRound?: number | undefined;
  /** The name of the member that speaks after an interruption; not given: "Admin". */
  adminName?: string | undefined;
  /** Whether only members that can run a tool may speak after its call; not given: true. */
  funcCallFilter?: boolean | undefined;
  /** The method that selects the next speaker; not given: "auto". */
  speakerSelectionMethod?: SpeakerSelectionMethod | undefined;
  /** The number of retries of a model that names no agent, or several; not given: 2. */
  maxRetriesForSelectingSpeaker?: number | undefined;
  /** The members that may speak twice in a row: all (the default), none, or these. */
  allowRepeatSpeaker?: boolean | readonly ConversableAgent[] | null | undefined;
  /** The transitions between speakers, allowed or disallowed by `speakerTransitionsType`. */
  allowedOrDisallowedSpeakerTransitions?: TransitionOptions["allowedOrDisallowedSpeakerTransitions"];
  /** Whether the transitions are "allowed" or "disallowed"; required beside them. */
  speakerTransitionsType?: TransitionOptions["speakerTransitionsType"];
  /** The handler for "clear history" in messages: `clearHistoryCommand` of `mlflow-ag2/agents/clear-history`. */
  enableClearHistory?: ClearHistoryCommand | false | undefined;
  /** Whether the manager first introduces the members to each other; not given: false. */
  sendIntroductions?: boolean | undefined;
  /** The template of the selecting model's system message, with `{roles}` and `{agentlist}`. */
  selectSpeakerMessageTemplate?: string | undefined;
  /** The template of the prompt after the conversation, with `{agentlist}`. Null or empty: no prompt. */
  selectSpeakerPromptTemplate?: string | null | undefined;
  /** The template of the prompt after a response with several names, with `{agentlist}`. */
  selectSpeakerAutoMultipleTemplate?: string | undefined;
  /** The template of the prompt after a response without a name, with `{agentlist}`. */
  selectSpeakerAutoNoneTemplate?: string | undefined;
  /** Changes the messages for the selecting model, e.g. to shorten them (AG2: a `TransformMessages` object). */
  selectSpeakerTransformMessages?: Hooks["processAllMessagesBeforeReply"] | null | undefined;
  /** Whether the chat with the selecting model is printed; not given: false. */
  selectSpeakerAutoVerbose?: boolean | undefined;
  /** The selecting models, with a `client` of your own if needed; not given: the manager's. */
  selectSpeakerAutoLlmConfig?: LlmConfig | false | undefined;
  /** The role of the prompts for the selecting model; not given: "system". Some models require "user". */
  roleForSelectSpeakerMessages?: string | undefined;
  /** The policies that must all allow a speaker, unless a selection function has returned it; not given: none. */
  eligibilityPolicies?: readonly AgentEligibilityPolicy[] | undefined;
}

const METHODS: readonly string[] = ["auto", "manual", "random", "round_robin"];

/** Normalizes the name of a method; upper case is accepted. @throws AgentError for an unknown one */
export function checkedMethodName(method: string): SpeakerSelectionMethodName {
  const name = method.toLowerCase();
  if (METHODS.includes(name)) return name as SpeakerSelectionMethodName;
  throw invalidOption("speakerSelectionMethod", `one of ${METHODS.join(", ")}, or a function, not \`${method}\``);
}

const GROUP_CHAT_OPTIONS: OptionRules<GroupChatOptions> = {
  agents: "agents",
  messages: "list",
  maxRound: "count",
  adminName: "text",
  funcCallFilter: "flag",
  speakerSelectionMethod: "any",
  maxRetriesForSelectingSpeaker: "count",
  allowRepeatSpeaker: "any",
  allowedOrDisallowedSpeakerTransitions: "any",
  speakerTransitionsType: ["allowed", "disallowed"],
  enableClearHistory: "any",
  sendIntroductions: "flag",
  selectSpeakerMessageTemplate: "text",
  selectSpeakerPromptTemplate: "text",
  selectSpeakerAutoMultipleTemplate: "text",
  selectSpeakerAutoNoneTemplate: "text",
  selectSpeakerTransformMessages: "function",
  selectSpeakerAutoVerbose: "flag",
  selectSpeakerAutoLlmConfig: "any",
  roleForSelectSpeakerMessages: "text",
  eligibilityPolicies: "list",
};

/** Checks every option by itself. @throws AgentError for an invalid one */
export function checkGroupChatOptions(options: GroupChatOptions): void {
  checkOptions("GroupChat", options, GROUP_CHAT_OPTIONS);
  const {
    allowRepeatSpeaker: repeat,
    speakerSelectionMethod: method,
    maxRetriesForSelectingSpeaker: retries = 0,
  } = options;
  if (options.agents == null) throw invalidOption("agents", "a list of agents");
  const twice = duplicates(options.agents.map(({ name }) => name));
  if (twice.length > 0)
    throw new AgentError(
      "invalid_option",
      `the agents of a group chat need different names: ${quoted(twice)} is there more than once`,
    );
  if (repeat != null && typeof repeat !== "boolean" && !Array.isArray(repeat))
    throw invalidOption("allowRepeatSpeaker", "true, false or a list of agents");
  if (method !== undefined && typeof method !== "function") checkedMethodName(method);
  for (const name of TEXTS) {
    const { [name]: text = name }: Partial<Record<string, unknown>> = { ...options };
    if (typeof text !== "string" || text === "") throw invalidOption(name, "a text that is not empty");
  }
  if (retries === Infinity) throw invalidOption("maxRetriesForSelectingSpeaker", "a whole number from 0 on");
  for (const policy of options.eligibilityPolicies ?? []) {
    if (typeof (policy as Partial<AgentEligibilityPolicy>).isEligible !== "function")
      throw invalidOption("eligibilityPolicies", "a list of objects with a method `isEligible`");
  }
}

const TEXTS = [
  "selectSpeakerMessageTemplate",
  "selectSpeakerAutoMultipleTemplate",
  "selectSpeakerAutoNoneTemplate",
  "roleForSelectSpeakerMessages",
] as const;
