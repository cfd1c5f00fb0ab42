/**
 * The allowed transitions between speakers (AG2: agentchat/groupchat.py, `GroupChat.__post_init__`; graph_utils.py).
 */

import type { ConversableAgent } from "../agent/conversable-agent.js";
import { AgentError, invalidOption } from "../util/errors.js";
import { quotedNames, duplicates } from "../util/lists.js";
import { warn } from "../util/warn.js";

/** The transitions: for each agent, the agents that may (or must not) speak after it; a `Map` is one. */
export type SpeakerTransitions = Iterable<readonly [ConversableAgent, readonly ConversableAgent[]]>;

/** The options for transitions; see `GroupChatOptions`. */
export interface TransitionOptions {
  /** The members. */
  agents: readonly ConversableAgent[];
  /** The members that may speak twice in a row: all, none, or these. */
  allowRepeatSpeaker?: boolean | readonly ConversableAgent[] | null | undefined;
  /** The allowed or disallowed transitions; excludes `allowRepeatSpeaker`. */
  allowedOrDisallowedSpeakerTransitions?: SpeakerTransitions | null | undefined;
  /** Whether the transitions are allowed or disallowed. */
  speakerTransitionsType?: "allowed" | "disallowed" | null | undefined;
}

type Graph = Map<ConversableAgent, ConversableAgent[]>;

/**
 * The agents that may speak after each agent.
 *
 * @throws AgentError if options contradict each other or name agents that are not in the group
 */
export function allowedSpeakerTransitions({
  agents,
  allowRepeatSpeaker,
  allowedOrDisallowedSpeakerTransitions: given,
  speakerTransitionsType: type,
}: TransitionOptions): Graph {
  const kind = type?.toLowerCase();
  const isKnown = kind === "allowed" || kind === "disallowed";
  if (!isKnown && (kind != null || given != null))
    throw invalidOption("speakerTransitionsType", '"allowed" or "disallowed"');
  if (given != null && allowRepeatSpeaker != null) {
    throw new AgentError(
      "invalid_option",
      "`allowRepeatSpeaker` and `allowedOrDisallowedSpeakerTransitions` exclude each other: give only one of them",
    );
  }
  const graph = given == null ? completeGraph(agents, allowRepeatSpeaker ?? true) : readGraph(given, agents);
  const allowed = kind === "disallowed" && given != null ? inverted(graph, agents) : graph;
  warnAboutGraph(allowed, agents);
  return allowed;
}

/** The graph in which all members follow each other, and themselves if `allowRepeat` includes them. */
function completeGraph(agents: readonly ConversableAgent[], allowRepeat: boolean | readonly ConversableAgent[]): Graph {
  const graph: Graph = new Map(agents.map((agent) => [agent, agents.filter((other) => other !== agent)]));
  for (const agent of allowRepeat === true ? agents : allowRepeat || []) {
    const next = graph.get(agent);
    if (next === undefined) throw unknownMember("allowRepeatSpeaker", agent);
    next.push(agent);
  }
  return graph;
}

function readGraph(given: SpeakerTransitions, agents: readonly ConversableAgent[]): Graph {
  const option = "allowedOrDisallowedSpeakerTransitions";
  const graph: Graph = new Map();
  for (const [agent, next] of Symbol.iterator in Object(given) ? given : ([[]] as never)) {
    if (
      !Array.isArray(next) ||
      next.some((other: unknown) => typeof (other as ConversableAgent | null)?.generateReply !== "function")
    ) {
      throw invalidOption(option, "a Map from agents to lists of agents");
    }
    if (!agents.includes(agent)) throw unknownMember(option, agent);
    graph.set(agent, [...(next as ConversableAgent[])]);
  }
  return graph;
}

function unknownMember(option: string, { name }: ConversableAgent): AgentError {
  return new AgentError(
    "invalid_option",
    `\`${option}\` names \`${name}\`, which is not in the group chat: add it to \`agents\``,
  );
}

/**
 * All transitions except those in `disallowed`, including those from an agent to itself (AG2:
 * `invert_disallowed_to_allowed`).
 */
function inverted(disallowed: Graph, agents: readonly ConversableAgent[]): Graph {
  return new Map(agents.map((agent) => [agent, agents.filter((other) => !disallowed.get(agent)?.includes(other))]));
}

/** Warns of probable mistakes in the graph (AG2: `check_graph_validity`). */
function warnAboutGraph(graph: Graph, agents: readonly ConversableAgent[]): void {
  const reached = new Set([...graph.values()].flat());
  const isolated = agents.filter((agent) => !graph.get(agent)?.length && !reached.has(agent));
  if (isolated.length > 0) warn(`nobody may speak before or after ${quotedNames(isolated)}: add transitions`);
  const strangers = [...reached].filter((agent) => !agents.includes(agent));
  if (strangers.length > 0)
    warn(`the speaker transitions lead to ${quotedNames(strangers)}, not in the group chat: add them to \`agents\``);
  for (const [agent, next] of graph) {
    const twice = duplicates(next);
    if (twice.length > 0)
      warn(
        `the speaker transitions of \`${agent.name}\` name ${quotedNames(twice)} more than once: remove the duplicates`,
      );
  }
}
