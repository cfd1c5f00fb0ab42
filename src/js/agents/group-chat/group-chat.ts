/** Group chats, which `GroupChatManager` runs (AG2: agentchat/groupchat.py, `GroupChat`). */

import type { Agent, CallContext, ContextOption } from "../types.js";
import type { ConversableAgent } from "../agent/conversable-agent.js";
import { AgentError } from "../util/errors.js";
import { givenFields } from "../util/fields.js";
import {
  type AgentEligibilityPolicy,
  type ClearHistoryCommand,
  checkGroupChatOptions,
  type GroupChatOptions,
  type SpeakerSelectionMethod,
} from "./group-chat-options.js";
import type { GroupTurns } from "./group-chat-run.js";
import type { LlmConfig } from "../models/llm-config.js";
import type { ChatMessage, MessageContent } from "../message/message.js";
import { askPersonForSpeaker } from "./manual-selection.js";
import {
  agentList,
  DEFAULT_INTRO_MSG,
  fillTemplate,
  participantRoles,
  SELECT_SPEAKER_AUTO_MULTIPLE_TEMPLATE,
  SELECT_SPEAKER_AUTO_NONE_TEMPLATE,
  SELECT_SPEAKER_MESSAGE_TEMPLATE,
  SELECT_SPEAKER_PROMPT_TEMPLATE,
} from "./select-speaker-prompts.js";
import { selectSpeaker } from "./speaker-selection.js";
import { allowedSpeakerTransitions } from "./speaker-transitions.js";

/**
 * The members of a group chat, their messages, and the rules for the selection of the next speaker.
 * `GroupChatOptions` documents the options and their defaults.
 *
 * @example
 * const groupChat = new GroupChat({
 *   agents: [user, guide, assistant],
 *   speakerSelectionMethod: (lastSpeaker) => (lastSpeaker === user ? guide : lastSpeaker === guide ? assistant : null),
 * });
 * const manager = new GroupChatManager({ groupChat });
 * const { summary } = await user.initiateChat(manager, { message: "What is there to see in Lisbon?" });
 */
export class GroupChat {
  /** The first line of introductions. */
  static readonly DEFAULT_INTRO_MSG: string = DEFAULT_INTRO_MSG;

  /** The members, in the order of "round_robin". */
  declare readonly agents: ConversableAgent[];
  /** The messages, each with its speaker's `name`. */
  declare readonly messages: ChatMessage[];
  /** The most messages, including the first. */
  declare maxRound: number;
  /** The name of the member that speaks after an interruption. */
  declare adminName: string;
  /** Whether only members that can run a tool may speak after its call. */
  declare funcCallFilter: boolean;
  /** The method that selects the next speaker. */
  declare speakerSelectionMethod: SpeakerSelectionMethod;
  /** The number of retries of a model that names no agent, or several. */
  declare maxRetriesForSelectingSpeaker: number;
  /** The members that may speak twice in a row; `undefined` if transitions are given. */
  declare readonly allowRepeatSpeaker: boolean | readonly ConversableAgent[] | undefined;
  /** The members that may speak after each member. */
  readonly allowedSpeakerTransitions: ReadonlyMap<Agent, readonly ConversableAgent[]>;
  /** The command handler for "clear history" in a member's message; false: none. */
  declare enableClearHistory: ClearHistoryCommand | false;
  /** Whether the manager introduces the members to each other before the first message. */
  declare sendIntroductions: boolean;
  /** The template of the selecting model's system message, with `{roles}` and `{agentlist}`. */
  declare selectSpeakerMessageTemplate: string;
  /** The template of the prompt after the conversation, with `{agentlist}`; null: no prompt. */
  selectSpeakerPromptTemplate: string | null;
  /** The template of the prompt after a response with several names, with `{agentlist}`. */
  declare selectSpeakerAutoMultipleTemplate: string;
  /** The template of the prompt after a response without a name, with `{agentlist}`. */
  declare selectSpeakerAutoNoneTemplate: string;
  /** Changes the messages for the selecting model. */
  declare selectSpeakerTransformMessages: NonNullable<GroupChatOptions["selectSpeakerTransformMessages"]> | undefined;
  /** Whether the chat with the selecting model is printed. */
  declare selectSpeakerAutoVerbose: boolean;
  /** The selecting models; `undefined` or false: the manager's. */
  declare selectSpeakerAutoLlmConfig: LlmConfig | false | undefined;
  /** The role of the prompts for the selecting model, "system" or "user". */
  declare roleForSelectSpeakerMessages: string;
  /** The policies that must all allow a speaker, unless a selection function has returned it. */
  declare eligibilityPolicies: readonly AgentEligibilityPolicy[];
  /** What a pattern does around each turn. @internal */
  declare turns: GroupTurns | undefined;

  /** @throws AgentError if options contradict each other */
  constructor(options: GroupChatOptions) {
    checkGroupChatOptions(options);
    const { selectSpeakerPromptTemplate: prompt = SELECT_SPEAKER_PROMPT_TEMPLATE, ...others } = options;
    this.selectSpeakerPromptTemplate = prompt || null;
    this.allowedSpeakerTransitions = allowedSpeakerTransitions(options);
    const defaults = {
      messages: [],
      maxRound: 10,
      adminName: "Admin",
      funcCallFilter: true,
      speakerSelectionMethod: "auto",
      maxRetriesForSelectingSpeaker: 2,
      allowRepeatSpeaker: options.allowedOrDisallowedSpeakerTransitions == null || undefined,
      selectSpeakerMessageTemplate: SELECT_SPEAKER_MESSAGE_TEMPLATE,
      selectSpeakerAutoMultipleTemplate: SELECT_SPEAKER_AUTO_MULTIPLE_TEMPLATE,
      selectSpeakerAutoNoneTemplate: SELECT_SPEAKER_AUTO_NONE_TEMPLATE,
      roleForSelectSpeakerMessages: "system",
      eligibilityPolicies: [],
      enableClearHistory: false,
      sendIntroductions: false,
      selectSpeakerAutoVerbose: false,
    };
    // An option that is undefined or null counts as not given.
    Object.assign(this, defaults, givenFields(others));
  }

  /** The names of the members. */
  get agentNames(): string[] {
    return this.agents.map(({ name }) => name);
  }

  /** Removes all messages. */
  reset(): void {
    this.messages.length = 0;
  }

  /**
   * Adds a message of `speaker`, and sets the speaker's name in it. As in AG2 the message object itself
   * is added and changed, and a tool call without text gets the text "None", which the members'
   * models then read.
   */
  append(message: ChatMessage, speaker: Agent): void {
    if (message.role !== "function") message.name = speaker.name;
    const content: unknown = message.content ?? "None";
    // A template is not converted: its text is made when a member's model is called. (AG2 writes the
    // function's address instead.)
    message.content = (
      typeof content === "string" || typeof content === "function" || Array.isArray(content) ? content : String(content)
    ) as MessageContent;
    this.messages.push(message);
  }

  /**
   * The member of that name; with `recursive` also one of the nested agents.
   *
   * @throws AgentError with `raiseOnNameConflict`, if several agents have the name
   */
  agentByName(
    name: string,
    { recursive = false, raiseOnNameConflict = false }: { recursive?: boolean; raiseOnNameConflict?: boolean } = {},
  ): ConversableAgent | undefined {
    const found = (recursive ? this.nestedAgents() : this.agents).filter((agent) => agent.name === name);
    if (raiseOnNameConflict && found.length > 1) {
      throw new AgentError(
        "agent_name_conflict",
        `${found.length} agents have the name \`${name}\`: give them different names`,
      );
    }
    return found[0];
  }

  /** The members, and the members of groups that they manage. */
  nestedAgents(): ConversableAgent[] {
    const nested = this.agents.flatMap((agent) => {
      const { groupChat } = agent as { groupChat?: unknown };
      return groupChat instanceof GroupChat ? groupChat.nestedAgents() : [];
    });
    return [...this.agents, ...nested];
  }

  /**
   * The first member of `agents` after `agent` in the order of the group; for an agent from outside
   * the group, the first one.
   *
   * @throws AgentError if `agents` are not members
   */
  nextAgent(agent: Agent, agents: readonly ConversableAgent[] = this.agents): ConversableAgent {
    const after = this.agentNames.indexOf(agent.name) + 1;
    const inOrder = [...this.agents.slice(after), ...this.agents.slice(0, after)];
    const next = inOrder.find((candidate) => agents.includes(candidate));
    if (next !== undefined && agents.every((candidate) => this.agents.includes(candidate))) return next;
    throw new AgentError("undefined_next_agent", "only members of the group chat can be next");
  }

  /** The system message for the selecting model. */
  selectSpeakerMsg(agents: readonly ConversableAgent[] = this.agents): string {
    return fillTemplate(this.selectSpeakerMessageTemplate, agents);
  }

  /** The prompt for the selecting model after the conversation; null: none. */
  selectSpeakerPrompt(agents: readonly ConversableAgent[] = this.agents): string | null {
    return this.selectSpeakerPromptTemplate?.replaceAll("{agentlist}", agentList(agents)) ?? null;
  }

  /** The introductions of the members. */
  introductionsMsg(agents: readonly ConversableAgent[] = this.agents): string {
    return `${DEFAULT_INTRO_MSG}\n\n${participantRoles(agents)}`;
  }

  /**
   * Asks a person for the next speaker, through `context.agent` or on the terminal; `undefined` if the
   * person selects none in two attempts.
   */
  manualSelectSpeaker(
    agents: readonly ConversableAgent[] = this.agents,
    context?: CallContext,
  ): Promise<ConversableAgent | undefined> {
    return askPersonForSpeaker(agents, context);
  }

  /** Selects one of `agents` at random. */
  randomSelectSpeaker(agents: readonly ConversableAgent[] = this.agents): ConversableAgent | undefined {
    return agents[Math.floor(Math.random() * agents.length)];
  }

  /**
   * Selects the next speaker; `selector` (the manager) provides the model.
   *
   * @throws AgentError `no_eligible_speaker` if there is none, which ends the group chat; others for invalid options
   */
  selectSpeaker(lastSpeaker: Agent, selector: ConversableAgent, context?: ContextOption): Promise<ConversableAgent> {
    return selectSpeaker(this, lastSpeaker, selector, context);
  }
}
