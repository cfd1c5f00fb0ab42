/** A conversation of several agents (AG2: agentchat/groupchat.py, `GroupChat`). `GroupChatManager` runs it. */

import type { Agent } from "./agent.js";
import type { ConversableAgent } from "./conversable-agent.js";
import { AgentError } from "./errors.js";
import {
  type AgentEligibilityPolicy,
  checkGroupChatOptions,
  type GroupChatOptions,
  type SpeakerSelectionMethod,
} from "./group-chat-options.js";
import type { LlmConfig } from "./llm-config.js";
import type { ChatMessage } from "./message.js";
import { askForSpeaker } from "./manual-selection.js";
import type { CallContext, ContextOption } from "./scope.js";
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

/** The members of a group chat, what they have said, and the rules by which the next speaker is found. */
export class GroupChat {
  /** How introductions begin. */
  static readonly DEFAULT_INTRO_MSG = DEFAULT_INTRO_MSG;

  readonly agents: ConversableAgent[];
  /** What was said, each message with its speaker's `name`. */
  readonly messages: ChatMessage[];
  maxRound: number;
  adminName: string;
  funcCallFilter: boolean;
  speakerSelectionMethod: SpeakerSelectionMethod;
  maxRetriesForSelectingSpeaker: number;
  readonly allowRepeatSpeaker: boolean | readonly ConversableAgent[] | undefined;
  /** Who may speak after whom, whichever option said so. */
  readonly allowedSpeakerTransitions: ReadonlyMap<Agent, readonly ConversableAgent[]>;
  enableClearHistory: boolean;
  sendIntroductions: boolean;
  selectSpeakerMessageTemplate: string;
  selectSpeakerPromptTemplate: string | null;
  selectSpeakerAutoMultipleTemplate: string;
  selectSpeakerAutoNoneTemplate: string;
  selectSpeakerTransformMessages: NonNullable<GroupChatOptions["selectSpeakerTransformMessages"]> | undefined;
  selectSpeakerAutoVerbose: boolean;
  selectSpeakerAutoLlmConfig: LlmConfig | false | undefined;
  roleForSelectSpeakerMessages: string;
  eligibilityPolicies: readonly AgentEligibilityPolicy[];

  /** @throws AgentError when the options do not fit together */
  constructor(options: GroupChatOptions) {
    checkGroupChatOptions(options);
    this.agents = options.agents;
    this.messages = options.messages ?? [];
    this.maxRound = options.maxRound ?? 10;
    this.adminName = options.adminName ?? "Admin";
    this.funcCallFilter = options.funcCallFilter ?? true;
    this.speakerSelectionMethod = options.speakerSelectionMethod ?? "auto";
    this.maxRetriesForSelectingSpeaker = options.maxRetriesForSelectingSpeaker ?? 2;
    this.allowRepeatSpeaker = options.allowRepeatSpeaker ?? (options.allowedOrDisallowedSpeakerTransitions == null ? true : undefined);
    this.allowedSpeakerTransitions = allowedSpeakerTransitions(options);
    this.enableClearHistory = options.enableClearHistory ?? false;
    this.sendIntroductions = options.sendIntroductions ?? false;
    this.selectSpeakerMessageTemplate = options.selectSpeakerMessageTemplate ?? SELECT_SPEAKER_MESSAGE_TEMPLATE;
    const { selectSpeakerPromptTemplate: prompt = SELECT_SPEAKER_PROMPT_TEMPLATE } = options;
    this.selectSpeakerPromptTemplate = prompt === "" ? null : prompt;
    this.selectSpeakerAutoMultipleTemplate = options.selectSpeakerAutoMultipleTemplate ?? SELECT_SPEAKER_AUTO_MULTIPLE_TEMPLATE;
    this.selectSpeakerAutoNoneTemplate = options.selectSpeakerAutoNoneTemplate ?? SELECT_SPEAKER_AUTO_NONE_TEMPLATE;
    this.selectSpeakerTransformMessages = options.selectSpeakerTransformMessages ?? undefined;
    this.selectSpeakerAutoVerbose = options.selectSpeakerAutoVerbose ?? false;
    this.selectSpeakerAutoLlmConfig = options.selectSpeakerAutoLlmConfig;
    this.roleForSelectSpeakerMessages = options.roleForSelectSpeakerMessages ?? "system";
    this.eligibilityPolicies = options.eligibilityPolicies ?? [];
  }

  /** The names of the members. */
  get agentNames(): string[] {
    return this.agents.map(({ name }) => name);
  }

  /** Forgets what was said. */
  reset(): void {
    this.messages.length = 0;
  }

  /**
   * Adds a message of `speaker`, which gets the speaker's name. As in AG2 the message object itself
   * is kept and changed, and a tool call without text gets the text "None": that is what members'
   * models read in AG2.
   */
  append(message: ChatMessage, speaker: Agent): void {
    if (message.role !== "function") message.name = speaker.name;
    const content: unknown = message.content;
    if (content === null || content === undefined) message.content = "None";
    // A template stays: its text is made when a member's model is asked. (AG2 writes the function's address instead.)
    else if (typeof content !== "string" && !Array.isArray(content) && typeof content !== "function") message.content = String(content);
    this.messages.push(message);
  }

  /**
   * The member of that name; with `recursive` also a member of a member that manages a group itself.
   *
   * @throws AgentError with `raiseOnNameConflict`, when there are several
   */
  agentByName(
    name: string,
    { recursive = false, raiseOnNameConflict = false }: { recursive?: boolean; raiseOnNameConflict?: boolean } = {},
  ): ConversableAgent | undefined {
    const found = (recursive ? this.nestedAgents() : this.agents).filter((agent) => agent.name === name);
    if (raiseOnNameConflict && found.length > 1) {
      throw new AgentError("agent_name_conflict", `there are ${found.length} agents of the name \`${name}\`: give them different names`);
    }
    return found[0];
  }

  /** The members, and those of members that manage a group themselves. */
  nestedAgents(): ConversableAgent[] {
    const nested = this.agents.flatMap((agent) => {
      const { groupChat } = agent as { groupChat?: unknown };
      return groupChat instanceof GroupChat ? groupChat.nestedAgents() : [];
    });
    return [...this.agents, ...nested];
  }

  /**
   * The member of `agents` that comes next after `agent` in the order of the group; for an agent
   * from outside the first one.
   *
   * @throws AgentError when `agents` are not members
   */
  nextAgent(agent: Agent, agents: readonly ConversableAgent[] = this.agents): ConversableAgent {
    if (agents.every((candidate) => this.agents.includes(candidate))) {
      const after = this.agentNames.indexOf(agent.name) + 1;
      const inOrder = [...this.agents.slice(after), ...this.agents.slice(0, after)];
      const next = inOrder.find((candidate) => agents.includes(candidate));
      if (next !== undefined) return next;
    }
    throw new AgentError("undefined_next_agent", "none of the given agents can be next: they must be members of the group chat");
  }

  /** What the selecting model is told first. */
  selectSpeakerMsg(agents: readonly ConversableAgent[] = this.agents): string {
    return fillTemplate(this.selectSpeakerMessageTemplate, agents);
  }

  /** What it is asked behind the conversation; null: nothing. */
  selectSpeakerPrompt(agents: readonly ConversableAgent[] = this.agents): string | null {
    return this.selectSpeakerPromptTemplate?.replaceAll("{agentlist}", agentList(agents)) ?? null;
  }

  /** What the members are told of each other first. */
  introductionsMsg(agents: readonly ConversableAgent[] = this.agents): string {
    return `${DEFAULT_INTRO_MSG}\n\n${participantRoles(agents)}`;
  }

  /** Asks a person for the next speaker; `undefined` if none was chosen in two attempts. `context.agent` is asked for the input, else the terminal. */
  manualSelectSpeaker(agents: readonly ConversableAgent[] = this.agents, context?: CallContext): Promise<ConversableAgent | undefined> {
    return askForSpeaker(agents, context);
  }

  /** One of `agents` by chance. */
  randomSelectSpeaker(agents: readonly ConversableAgent[] = this.agents): ConversableAgent | undefined {
    return agents[Math.floor(Math.random() * agents.length)];
  }

  /**
   * Finds the next speaker; `selector` (the manager) lends its model.
   *
   * @throws AgentError `no_eligible_speaker` when the group chat is to end; others for wrong options
   */
  selectSpeaker(lastSpeaker: Agent, selector: ConversableAgent, context?: ContextOption): Promise<ConversableAgent> {
    return selectSpeaker(this, lastSpeaker, selector, context);
  }
}
