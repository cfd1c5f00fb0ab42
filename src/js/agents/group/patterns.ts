/** Patterns of group chats (AG2: agentchat/group/patterns). */

import type { ConversableAgent } from "../agent/conversable-agent.js";
import type { SummaryMethod } from "../chat/summary.js";
import type { GroupChatManagerOptions } from "../group-chat/group-chat-manager.js";
import { AgentError } from "../util/errors.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import { quotedNames } from "../util/lists.js";
import { ContextVariables, type VariablesInput } from "./context-variables.js";
import { handoffsOf } from "./handoffs.js";
import {
  AgentTarget,
  AskUserTarget,
  type GroupManagerSelectionMessage,
  GroupManagerTarget,
  RandomAgentTarget,
  TerminateTarget,
  type TransitionTarget,
} from "./targets.js";

/** Options of the group's manager. */
export type GroupManagerOptions = Partial<Omit<GroupChatManagerOptions, "groupChat">>;

/** Options of patterns. */
export interface PatternOptions {
  /** The agent that speaks first. */
  initialAgent: ConversableAgent;
  /** The agents of the group. */
  agents: readonly ConversableAgent[];
  /** The agent of a person; not given: there is none. */
  userAgent?: ConversableAgent | undefined;
  /** Options of the group's manager, such as its `llmConfig` for selections by a model. */
  groupManagerOptions?: GroupManagerOptions | undefined;
  /** The variables that the agents share: used itself if it is a `ContextVariables`. Not given: none. */
  contextVariables?: VariablesInput | undefined;
  /** The target after an agent without a matching after work; not given: the end of the chat. */
  groupAfterWork?: TransitionTarget | undefined;
  /** Whether the calls of handoffs are kept from the agents; not given: true. */
  excludeTransitMessage?: boolean | undefined;
  /** The method that makes the summary; not given: "last_msg". */
  summaryMethod?: SummaryMethod | undefined;
}

const PATTERN_OPTIONS: OptionRules<PatternOptions> = {
  initialAgent: "agent",
  agents: "agents",
  userAgent: "agent",
  groupManagerOptions: "object",
  contextVariables: "object",
  groupAfterWork: "any",
  excludeTransitMessage: "flag",
  summaryMethod: "any",
};

const { groupAfterWork: _, ...WITHOUT_AFTER_WORK } = PATTERN_OPTIONS;

/**
 * The agents of a group, and the rules by which they speak. Use its subclasses.
 *
 * @example
 * const names = (pattern: Pattern): string[] => pattern.agents.map(({ name }) => name);
 * console.log(names(new DefaultPattern({ initialAgent: guide, agents: [guide, assistant] })));
 */
export abstract class Pattern {
  /** The pattern's name, for traces. */
  abstract readonly name: string;
  /** The agent that speaks first. */
  readonly initialAgent: ConversableAgent;
  /** The agents of the group. */
  readonly agents: readonly ConversableAgent[];
  /** The agent of a person. */
  readonly userAgent: ConversableAgent | undefined;
  /** Options of the group's manager. */
  readonly groupManagerOptions: GroupManagerOptions;
  /** The variables that the agents share. */
  readonly contextVariables: ContextVariables;
  /** The target after an agent without a matching after work. */
  readonly groupAfterWork: TransitionTarget;
  /** Whether the calls of handoffs are kept from the agents. */
  readonly excludeTransitMessage: boolean;
  /** The method that makes the summary. */
  readonly summaryMethod: SummaryMethod | undefined;

  /** @throws AgentError if the initial agent is not one of the group's */
  constructor(patternOptions: PatternOptions) {
    checkOptions("Pattern", patternOptions, PATTERN_OPTIONS);
    const { initialAgent, agents, userAgent, contextVariables = {}, ...options } = patternOptions;
    if (agents == null || initialAgent == null)
      throw new AgentError("invalid_option", "a pattern needs `agents`, and the `initialAgent` of them");
    if (!agents.includes(initialAgent) && initialAgent !== userAgent) {
      throw new AgentError(
        "invalid_option",
        `\`initialAgent\` is not one of the agents ${quotedNames(agents)}: add it to \`agents\``,
      );
    }
    this.initialAgent = initialAgent;
    this.agents = agents;
    this.userAgent = userAgent;
    this.groupManagerOptions = options.groupManagerOptions ?? {};
    this.contextVariables =
      contextVariables instanceof ContextVariables ? contextVariables : new ContextVariables(contextVariables);
    this.groupAfterWork = options.groupAfterWork ?? new TerminateTarget();
    this.excludeTransitMessage = options.excludeTransitMessage ?? true;
    this.summaryMethod = options.summaryMethod;
  }

  /** Sets the handoffs of the pattern, once the agents' own are checked. */
  setHandoffs(): void {}
}

/**
 * A group whose agents speak by their handoffs alone.
 *
 * @example
 * handoffsOf(assistant).setAfterWork(new AgentTarget(guide));
 * const pattern = new DefaultPattern({ initialAgent: assistant, agents: [assistant, guide] });
 * const [{ summary }] = await initiateGroupChat(pattern, { messages: "Plan two days in Lisbon." });
 */
export class DefaultPattern extends Pattern {
  readonly name: string = "DefaultPattern";
}

/**
 * A group whose manager selects the next speaker by its model.
 *
 * @example
 * const groupManagerOptions = { llmConfig };
 * const pattern = new AutoPattern({ initialAgent: guide, agents: [guide, assistant], groupManagerOptions });
 * await initiateGroupChat(pattern, { messages: "Plan two days in Lisbon.", maxRounds: 6 });
 */
export class AutoPattern extends Pattern {
  readonly name: string = "AutoPattern";

  /** @throws AgentError if neither the manager nor an agent has a model */
  constructor(
    autoOptions: Omit<PatternOptions, "groupAfterWork"> & {
      /** The prompt after the conversation; not given: AG2's. */
      selectionMessage?: GroupManagerSelectionMessage | undefined;
    },
  ) {
    checkOptions("AutoPattern", autoOptions, { ...WITHOUT_AFTER_WORK, selectionMessage: "any" });
    const { selectionMessage, ...options } = autoOptions;
    const llmConfig =
      options.groupManagerOptions?.llmConfig || options.agents?.find((agent) => agent.llmConfig !== false)?.llmConfig;
    if (!llmConfig)
      throw new AgentError(
        "missing_llm_config",
        "an `AutoPattern` needs a model: give `groupManagerOptions.llmConfig`",
      );
    const { tools: _, functions: __, ...ofManager } = llmConfig;
    super({
      ...options,
      groupManagerOptions: { ...options.groupManagerOptions, llmConfig: ofManager },
      groupAfterWork: new GroupManagerTarget({ selectionMessage }),
    });
    for (const agent of options.agents) agent.description ||= `Agent ${agent.name}`;
  }
}

/**
 * A group in which a person selects the next speaker.
 *
 * @example
 * const pattern = new ManualPattern({ initialAgent: guide, agents: [guide, assistant], userAgent: user });
 * await initiateGroupChat(pattern, { messages: "Plan two days in Lisbon." });
 */
export class ManualPattern extends Pattern {
  readonly name: string = "ManualPattern";

  /** Creates the pattern. */
  constructor(options: Omit<PatternOptions, "groupAfterWork">) {
    checkOptions("ManualPattern", options, WITHOUT_AFTER_WORK);
    super({ ...options, groupAfterWork: new AskUserTarget() });
  }
}

/**
 * A group whose agents speak one after the other, the initial agent first and the user last. It replaces the
 * agents' after works.
 *
 * @example
 * const pattern = new RoundRobinPattern({ initialAgent: guide, agents: [guide, assistant] });
 * await initiateGroupChat(pattern, { messages: "Plan two days in Lisbon.", maxRounds: 5 });
 */
export class RoundRobinPattern extends Pattern {
  readonly name: string = "RoundRobinPattern";

  override setHandoffs(): void {
    const order = inOrder(this);
    for (const [index, agent] of order.entries())
      handoffsOf(agent).setAfterWork(new AgentTarget((order[index + 1] ?? order[0]) as ConversableAgent));
  }
}

/**
 * A group whose next speaker is selected at random. It replaces the agents' after works.
 *
 * @example
 * const pattern = new RandomPattern({ initialAgent: guide, agents: [guide, assistant, user] });
 * await initiateGroupChat(pattern, { messages: "Plan two days in Lisbon.", maxRounds: 5 });
 */
export class RandomPattern extends Pattern {
  readonly name: string = "RandomPattern";

  override setHandoffs(): void {
    const all = inOrder(this);
    for (const agent of all)
      handoffsOf(agent).setAfterWork(new RandomAgentTarget(all.filter((other) => other !== agent)));
  }
}

/** The initial agent, the others, the user. */
function inOrder({ initialAgent, agents, userAgent }: Pattern): ConversableAgent[] {
  return [...new Set([initialAgent, ...agents, ...(userAgent ? [userAgent] : [])])];
}
