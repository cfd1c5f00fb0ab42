/** The targets of handoffs (AG2: agentchat/group/targets/transition_target.py, group_manager_target.py). */

import type { ConversableAgent } from "../agent/conversable-agent.js";
import { agentList, SELECT_SPEAKER_PROMPT_TEMPLATE } from "../group-chat/select-speaker-prompts.js";
import type { Named } from "../observe/observer.js";
import type { CallContext } from "../types.js";
import { AgentError, invalidOption } from "../util/errors.js";
import { type ContextStr, toContextStr } from "./context-str.js";
import type { Group } from "./group.js";

/** What an agent that stands for a target needs of the group. */
export type WrappingGroup = Pick<Group, "withoutTransit" | "runInner">;

/** The next speaker: an agent, "auto" or "manual" selection, or null for the end of the chat. */
export type NextSpeaker = ConversableAgent | "auto" | "manual" | null;

/**
 * A target of handoffs. Use its subclasses.
 *
 * @example
 * const isTarget = (result: unknown): boolean => result instanceof TransitionTarget;
 * console.log(isTarget(new TerminateTarget())); // true
 */
export abstract class TransitionTarget {
  /** The name for people, e.g. that of the agent. */
  abstract displayName(): string;

  /** The name as part of a tool's name. */
  abstract normalizedName(): string;

  /** The text that the model gets as the result of the handoff's tool. */
  abstract toString(): string;

  /** Finds the next speaker after `current`. @internal */
  abstract resolve(group: Group, current: ConversableAgent, context: CallContext): NextSpeaker | Promise<NextSpeaker>;

  /** Makes the agent that stands for the target in the group chat of `parent`. @internal */
  wrap?(parent: ConversableAgent, number: number, group: WrappingGroup): ConversableAgent;

  /** The kind of target, for traces. @internal */
  abstract readonly kind: string;
}

/** A target whose names do not change. */
export abstract class FixedTarget extends TransitionTarget {
  readonly kind: string;
  readonly #name: string;
  readonly #text: string;

  /** @param text the result of the handoff's tool; not given: the name for people */
  protected constructor(kind: string, name: string, text: string = name) {
    super();
    this.kind = kind;
    this.#name = name;
    this.#text = text;
  }

  displayName(): string {
    return this.#name;
  }

  override normalizedName(): string {
    return this.kind;
  }

  toString(): string {
    return this.#text;
  }
}

/** A target that is named by agents. */
abstract class NamedTarget extends FixedTarget {
  /** The agent's name. */
  readonly agentName: string;

  /** Creates a target by the name of an agent. */
  constructor(agentName: string) {
    super("agent", agentName, `Transfer to ${agentName}`);
    this.agentName = agentName;
  }

  /** The agent's name. */
  override normalizedName(): string {
    return this.agentName;
  }

  resolve(group: Group): ConversableAgent {
    return memberNamed(group, this.agentName);
  }
}

/**
 * Hands off to an agent of the group.
 *
 * @example
 * handoffsOf(assistant).setAfterWork(new AgentTarget(guide));
 */
export class AgentTarget extends NamedTarget {
  /** Creates a target by the name of this agent. */
  constructor(agent: Named) {
    if (typeof agent?.name !== "string")
      throw invalidOption("agent", "an agent: for a name there is `AgentNameTarget`");
    super(agent.name);
  }
}

/**
 * Hands off to the agent of that name.
 *
 * @example
 * handoffsOf(assistant).setAfterWork(new AgentNameTarget("guide"));
 */
export class AgentNameTarget extends NamedTarget {}

/**
 * Ends the group chat.
 *
 * @example
 * handoffsOf(assistant).setAfterWork(new TerminateTarget());
 */
export class TerminateTarget extends FixedTarget {
  /** Creates the target. */
  constructor() {
    super("terminate", "Terminate");
  }

  resolve(): null {
    return null;
  }
}

/**
 * Lets the current agent speak again. As in AG2, after a tool or a handoff by the model that is the executor,
 * which says nothing, so that the agent's after work follows.
 *
 * @example
 * const isDraft = new StringContextCondition("isDraft");
 * handoffsOf(assistant).addAfterWork(new OnContextCondition({ target: new StayTarget(), condition: isDraft }));
 */
export class StayTarget extends FixedTarget {
  /** Creates the target. */
  constructor() {
    super("stay", "Stay", "Stay with agent");
  }

  resolve(_group: Group, current: ConversableAgent): ConversableAgent {
    return current;
  }
}

/**
 * Hands off to the pattern's `userAgent`.
 *
 * @example
 * handoffsOf(assistant).setAfterWork(new RevertToUserTarget());
 */
export class RevertToUserTarget extends FixedTarget {
  /** Creates the target. */
  constructor() {
    super("revert_to_user", "Revert to User");
  }

  resolve({ userAgent }: Group): ConversableAgent {
    if (userAgent !== undefined) return userAgent;
    throw new AgentError("invalid_option", "a `RevertToUserTarget` needs a user: give the pattern a `userAgent`");
  }
}

/**
 * Has a person select the next speaker.
 *
 * @example
 * handoffsOf(assistant).setAfterWork(new AskUserTarget());
 */
export class AskUserTarget extends FixedTarget {
  /** Creates the target. */
  constructor() {
    super("ask_user", "Ask User");
  }

  resolve(): "manual" {
    return "manual";
  }
}

/**
 * Hands off to one of the agents, selected at random, but not to the current one.
 *
 * @example
 * handoffsOf(user).setAfterWork(new RandomAgentTarget([guide, assistant]));
 */
export class RandomAgentTarget extends TransitionTarget {
  readonly kind = "random";
  /** The names of the agents. */
  readonly agentNames: readonly string[];
  #selected = "<Not Randomly Selected Yet>";

  /** Creates a target by the names of these agents. */
  constructor(agents: readonly Named[]) {
    super();
    this.agentNames = agents.map(({ name }) => name);
  }

  /** The name of the agent that was selected last. */
  displayName(): string {
    return this.#selected;
  }

  normalizedName(): string {
    return "random";
  }

  toString(): string {
    return `Transfer to ${this.#selected}`;
  }

  resolve(group: Group, current: ConversableAgent): ConversableAgent {
    const names = this.agentNames.filter((name) => name !== current.name);
    const name = names[Math.floor(Math.random() * names.length)];
    if (name === undefined)
      throw new AgentError("invalid_option", "a `RandomAgentTarget` has no agent but the current one: give it others");
    this.#selected = name;
    return memberNamed(group, name);
  }
}

/**
 * The prompt for the selection by the group's manager, in which `{agentlist}` stands for the names of the
 * agents, and `{name}` for a context variable.
 *
 * @example
 * const selectionMessage = new GroupManagerSelectionMessageContextStr("It is {season}. Name one of {agentlist}.");
 * const groupAfterWork = new GroupManagerTarget({ selectionMessage });
 */
export class GroupManagerSelectionMessageContextStr {
  readonly #text: ContextStr;

  /** Creates a message with this prompt. */
  constructor(contextStrTemplate: string) {
    this.#text = toContextStr(contextStrTemplate.replaceAll("{agentlist}", "{{agentlist}}"));
  }

  /** The prompt with the variables' values; `{agentlist}` is filled in later. */
  getMessage(contextVariables: Readonly<Record<string, unknown>>): string {
    return this.#text.formatKnown(contextVariables).replaceAll("{{agentlist}}", "{agentlist}");
  }
}

/**
 * The prompt for the selection by the group's manager, in which `{agentlist}` stands for the names of the agents.
 *
 * @example
 * const selectionMessage = new GroupManagerSelectionMessageString("Who speaks now, of {agentlist}?");
 * const groupAfterWork = new GroupManagerTarget({ selectionMessage });
 */
export class GroupManagerSelectionMessageString {
  /** The prompt. */
  readonly message: string;

  /** Creates a message with this prompt. */
  constructor(message: string) {
    this.message = message;
  }

  /** The prompt. */
  getMessage(): string {
    return this.message;
  }
}

/** A prompt for the selection by the group's manager. */
export type GroupManagerSelectionMessage = GroupManagerSelectionMessageString | GroupManagerSelectionMessageContextStr;

/**
 * Has the model of the group's manager select the next speaker.
 *
 * @example
 * handoffsOf(assistant).setAfterWork(new GroupManagerTarget());
 * const groupManagerOptions = { llmConfig };
 * const pattern = new DefaultPattern({ initialAgent: assistant, agents: [assistant, guide], groupManagerOptions });
 */
export class GroupManagerTarget extends FixedTarget {
  /** The prompt after the conversation; `undefined`: the group chat's. */
  readonly selectionMessage: GroupManagerSelectionMessage | undefined;

  /** Creates the target, with a prompt of its own if given. */
  constructor({ selectionMessage }: { selectionMessage?: GroupManagerSelectionMessage | undefined } = {}) {
    super("the_group_manager", "the group manager", "Transfer to the group manager");
    this.selectionMessage = selectionMessage;
  }

  resolve({ groupChat, selectable, variables }: Group): "auto" {
    if (this.selectionMessage) {
      const prompt = this.selectionMessage.getMessage(variables.data) || SELECT_SPEAKER_PROMPT_TEMPLATE;
      groupChat.selectSpeakerPromptTemplate = prompt.replaceAll("{agentlist}", agentList(selectable));
    }
    return "auto";
  }
}

/** The member of that name. @throws AgentError if there is none */
export function memberNamed({ groupChat }: Group, name: string): ConversableAgent {
  const member = groupChat.agentByName(name);
  if (member !== undefined) return member;
  throw new AgentError(
    "invalid_option",
    `a handoff leads to \`${name}\`, which is not in the group: add it to the pattern's \`agents\``,
  );
}
