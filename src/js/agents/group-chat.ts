/** A conversation of several agents (AG2: agentchat/groupchat.py, `GroupChat`). `GroupChatManager` runs it. */

import type { Agent } from "./agent.js";
import type { ConversableAgent } from "./conversable-agent.js";
import { AgentError } from "./errors.js";
import {
  type AgentEligibilityPolicy,
  type ClearHistoryCommand,
  checkGroupChatOptions,
  type GroupChatOptions,
  type SpeakerSelectionMethod,
} from "./group-chat-options.js";
import type { LlmConfig } from "./llm-config.js";
import type { ChatMessage, MessageContent } from "./message.js";
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

/**
 * The members of a group chat, what they have said, and the rules by which the next speaker is found.
 * What an option is for, and when it is not given, stands with `GroupChatOptions`.
 *
 * @example
 * const groupChat = new GroupChat({
 *   agents: [user, guide, assistant],
 *   speakerSelectionMethod: (lastSpeaker) => (lastSpeaker === user ? guide : lastSpeaker === guide ? assistant : null),
 * });
 * const { summary } = await user.initiateChat(new GroupChatManager({ groupChat }), { message: "What is there to see in Lisbon?" });
 */
export class GroupChat {
  /** How introductions begin. */
  static readonly DEFAULT_INTRO_MSG = DEFAULT_INTRO_MSG;

  /** The members, in the order in which "round_robin" goes through them. */
  declare readonly agents: ConversableAgent[];
  /** What was said, each message with its speaker's `name`. */
  declare readonly messages: ChatMessage[];
  /** How many messages there are at most, the first one included. */
  declare maxRound: number;
  /** The member that speaks after an interruption. */
  declare adminName: string;
  /** Whether a call of a tool lets only members speak that can run it. */
  declare funcCallFilter: boolean;
  /** How the next speaker is chosen. */
  declare speakerSelectionMethod: SpeakerSelectionMethod;
  /** How often a model that names nobody, or several, is asked again. */
  declare maxRetriesForSelectingSpeaker: number;
  /** Who may speak twice in a row; `undefined` where the transitions say it. */
  declare readonly allowRepeatSpeaker: boolean | readonly ConversableAgent[] | undefined;
  /** Who may speak after whom, whichever option said so. */
  readonly allowedSpeakerTransitions: ReadonlyMap<Agent, readonly ConversableAgent[]>;
  /** What obeys "clear history" in a member's message; false: nothing does. */
  declare enableClearHistory: ClearHistoryCommand | false;
  /** Whether the manager introduces the members to each other before the first message. */
  declare sendIntroductions: boolean;
  /** What the selecting model is told first, before `{roles}` and `{agentlist}` are filled in. */
  declare selectSpeakerMessageTemplate: string;
  /** What it is asked behind the conversation, before `{agentlist}` is filled in; null: nothing. */
  selectSpeakerPromptTemplate: string | null;
  /** What it is told after naming several agents, before `{agentlist}` is filled in. */
  declare selectSpeakerAutoMultipleTemplate: string;
  /** What it is told after naming none, before `{agentlist}` is filled in. */
  declare selectSpeakerAutoNoneTemplate: string;
  /** Changes what the model that selects the next speaker gets to read. */
  declare selectSpeakerTransformMessages: NonNullable<GroupChatOptions["selectSpeakerTransformMessages"]> | undefined;
  /** Whether the talk with the selecting model is shown, like that of members. */
  declare selectSpeakerAutoVerbose: boolean;
  /** The models that choose; `undefined` or false: the manager's. */
  declare selectSpeakerAutoLlmConfig: LlmConfig | false | undefined;
  /** The role of the questions to the selecting model, "system" or "user". */
  declare roleForSelectSpeakerMessages: string;
  /** All of them must agree to a speaker, unless a selection function has returned it. */
  declare eligibilityPolicies: readonly AgentEligibilityPolicy[];

  /** @throws AgentError when the options do not fit together */
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
    // An option that is undefined or null was not given.
    Object.assign(this, defaults, Object.fromEntries(Object.entries(others).filter(([, value]) => value != null)));
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
    const content: unknown = message.content ?? "None";
    // A template stays: its text is made when a member's model is asked. (AG2 writes the function's address instead.)
    message.content = (typeof content === "string" || typeof content === "function" || Array.isArray(content) ? content : String(content)) as MessageContent;
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
      throw new AgentError("agent_name_conflict", `${found.length} agents have the name \`${name}\`: give them different names`);
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
    const after = this.agentNames.indexOf(agent.name) + 1;
    const inOrder = [...this.agents.slice(after), ...this.agents.slice(0, after)];
    const next = inOrder.find((candidate) => agents.includes(candidate));
    if (next !== undefined && agents.every((candidate) => this.agents.includes(candidate))) return next;
    throw new AgentError("undefined_next_agent", "only members of the group chat can be next");
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
