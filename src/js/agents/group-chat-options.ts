/** How a `GroupChat` is set up (AG2: agentchat/groupchat.py, the fields of `GroupChat`). */

import type { Agent } from "./agent.js";
import type { ConversableAgent } from "./conversable-agent.js";
import { AgentError, isCount, mustBe } from "./errors.js";
import type { GroupChat } from "./group-chat.js";
import type { Hooks } from "./hooks.js";
import { quoted, repeated } from "./lists.js";
import type { LlmConfig } from "./llm-config.js";
import type { ChatMessage } from "./message.js";
import type { Scope } from "./observer.js";
import type { CallContext } from "./scope.js";
import type { TransitionOptions } from "./speaker-transitions.js";

/** The built-in ways to choose a speaker: a model decides, a person decides, by chance, or in the order of `agents`. */
export type SpeakerSelectionMethodName = "auto" | "manual" | "random" | "round_robin";

/**
 * Chooses the next speaker: returns a member, whatever other rules say; the name of a built-in way,
 * to which they apply; or null (or nothing), which ends the group chat.
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

/** How the next speaker is chosen. */
export type SpeakerSelectionMethod = SpeakerSelectionMethodName | SpeakerSelectionFunction;

/** What a policy knows of the moment (AG2: agentchat/eligibility_policy.py, `SelectionContext`). */
export interface SelectionContext {
  /** The number of messages so far: 1 at the first choice. */
  readonly round: number;
  /** Its name; `undefined` when nobody has spoken. */
  readonly lastSpeaker: string | undefined;
  /** The names of all members. */
  readonly participants: readonly string[];
}

/** Takes members out of the choice while a group chat runs (AG2: agentchat/eligibility_policy.py, `AgentEligibilityPolicy`). */
export interface AgentEligibilityPolicy {
  /** Whether this member may speak next. */
  isEligible(agent: ConversableAgent, context: SelectionContext): boolean | Promise<boolean>;
}

/** Changes a reply before it reaches the group, and does what it commands. */
export type ClearHistoryCommand = (message: string | ChatMessage, groupChat: GroupChat, scope: Scope) => Promise<string | ChatMessage>;

/** Options of `GroupChat`. */
export interface GroupChatOptions extends TransitionOptions {
  /** The members; their names must differ. */
  agents: ConversableAgent[];
  /** What was said before. The group chat goes on with this list itself. */
  messages?: ChatMessage[] | undefined;
  /** How many messages there are at most, the first one included; not given: 10. */
  maxRound?: number | undefined;
  /** The member that speaks after an interruption; not given: "Admin". */
  adminName?: string | undefined;
  /** Whether a call of a tool lets only members speak that can run it; not given: true. */
  funcCallFilter?: boolean | undefined;
  /** How the next speaker is chosen; not given: "auto". */
  speakerSelectionMethod?: SpeakerSelectionMethod | undefined;
  /** How often a model that names nobody, or several, is asked again; not given: 2. */
  maxRetriesForSelectingSpeaker?: number | undefined;
  /** Who may speak twice in a row: everybody (the default), nobody, or these. */
  allowRepeatSpeaker?: boolean | readonly ConversableAgent[] | null | undefined;
  /** Who may, or must not, speak after whom; `speakerTransitionsType` says which. */
  allowedOrDisallowedSpeakerTransitions?: TransitionOptions["allowedOrDisallowedSpeakerTransitions"];
  /** Whether these are the "allowed" or the "disallowed" ones; needed beside them. */
  speakerTransitionsType?: TransitionOptions["speakerTransitionsType"];
  /** Lets members make others forget by saying "clear history": `clearHistoryCommand` of `mlflow-ag2/agents/clear-history`. */
  enableClearHistory?: ClearHistoryCommand | false | undefined;
  /** Whether the manager introduces the members to each other first; not given: false. */
  sendIntroductions?: boolean | undefined;
  /** What the selecting model is told first; `{roles}` and `{agentlist}` are filled in. */
  selectSpeakerMessageTemplate?: string | undefined;
  /** What it is asked behind the conversation; `{agentlist}` is filled in. Null or empty: nothing, the last message counts as the question. */
  selectSpeakerPromptTemplate?: string | null | undefined;
  /** What it is told after naming several agents; `{agentlist}` is filled in. */
  selectSpeakerAutoMultipleTemplate?: string | undefined;
  /** What it is told after naming none; `{agentlist}` is filled in. */
  selectSpeakerAutoNoneTemplate?: string | undefined;
  /** Changes the conversation before the selecting model sees it, e.g. to shorten it (AG2: a `TransformMessages` object). */
  selectSpeakerTransformMessages?: Hooks["processAllMessagesBeforeReply"] | null | undefined;
  /** Whether the choice by a model is printed; not given: false. */
  selectSpeakerAutoVerbose?: boolean | undefined;
  /** The models that choose; not given: the manager's. (A `client` of your own goes in here, too.) */
  selectSpeakerAutoLlmConfig?: LlmConfig | false | undefined;
  /** The role of the questions to the selecting model; not given: "system". Some models want "user". */
  roleForSelectSpeakerMessages?: string | undefined;
  /** All of them must agree to a speaker; none by default. They do not apply to an agent that a selection function returns. */
  eligibilityPolicies?: readonly AgentEligibilityPolicy[] | undefined;
}

const METHODS: readonly string[] = ["auto", "manual", "random", "round_robin"];

/** @throws AgentError for the name of a way that does not exist; upper case is accepted */
export function checkedMethodName(method: string): SpeakerSelectionMethodName {
  const name = method.toLowerCase();
  if (METHODS.includes(name)) return name as SpeakerSelectionMethodName;
  throw mustBe("speakerSelectionMethod", `one of ${METHODS.join(", ")}, or a function, not \`${method}\``);
}

/** @throws AgentError for options that are wrong by themselves, whatever the others are */
export function checkGroupChatOptions(options: GroupChatOptions): void {
  const { allowRepeatSpeaker: repeat, speakerSelectionMethod: method, maxRetriesForSelectingSpeaker: retries = 0 } = options;
  const twice = repeated(options.agents.map(({ name }) => name));
  if (twice.length > 0) throw new AgentError("invalid_option", `the agents of a group chat need different names: ${quoted(twice)} is there more than once`);
  if (repeat != null && typeof repeat !== "boolean" && !Array.isArray(repeat)) throw mustBe("allowRepeatSpeaker", "true, false or a list of agents");
  if (method !== undefined && typeof method !== "function") checkedMethodName(method);
  for (const name of TEXTS) {
    const { [name]: text = name }: Partial<Record<string, unknown>> = { ...options };
    if (typeof text !== "string" || text === "") throw mustBe(name, "a text that is not empty");
  }
  if (!isCount(retries)) throw mustBe("maxRetriesForSelectingSpeaker", "a whole number from 0 on");
  if (typeof (options.selectSpeakerTransformMessages ?? isCount) !== "function") throw mustBe("selectSpeakerTransformMessages", "a function from messages to messages");
  for (const policy of options.eligibilityPolicies ?? []) {
    if (typeof (policy as Partial<AgentEligibilityPolicy>).isEligible !== "function") throw mustBe("eligibilityPolicies", "a list of objects with a method `isEligible`");
  }
}

const TEXTS = ["selectSpeakerMessageTemplate", "selectSpeakerAutoMultipleTemplate", "selectSpeakerAutoNoneTemplate", "roleForSelectSpeakerMessages"] as const;
