/** Who may speak after whom (AG2: agentchat/groupchat.py, `GroupChat.__post_init__`; graph_utils.py). */

import type { ConversableAgent } from "./conversable-agent.js";
import { AgentError, mustBe } from "./errors.js";
import { quotedNames, repeated } from "./lists.js";
import { warn } from "./warn.js";

/** For each agent, the agents that may (or must not) speak after it; a `Map` is one. */
export type SpeakerTransitions = Iterable<readonly [ConversableAgent, readonly ConversableAgent[]]>;

/** What the graph is made of; see `GroupChatOptions`. */
export interface TransitionOptions {
  /** The members. */
  agents: readonly ConversableAgent[];
  /** Who may speak twice in a row: everybody, nobody, or these. */
  allowRepeatSpeaker?: boolean | readonly ConversableAgent[] | null | undefined;
  /** Who may, or must not, speak after whom; excludes `allowRepeatSpeaker`. */
  allowedOrDisallowedSpeakerTransitions?: SpeakerTransitions | null | undefined;
  /** Which of the two the transitions are. */
  speakerTransitionsType?: "allowed" | "disallowed" | null | undefined;
}

type Graph = Map<ConversableAgent, ConversableAgent[]>;

/**
 * The agents that may speak after each agent.
 *
 * @throws AgentError when the options contradict each other or name agents that are not in the group
 */
export function allowedSpeakerTransitions({
  agents,
  allowRepeatSpeaker,
  allowedOrDisallowedSpeakerTransitions: given,
  speakerTransitionsType: type,
}: TransitionOptions): Graph {
  const kind = type?.toLowerCase();
  const isKnown = kind === "allowed" || kind === "disallowed";
  if (!isKnown && (kind != null || given != null)) throw mustBe("speakerTransitionsType", '"allowed" or "disallowed"');
  if (given != null && allowRepeatSpeaker != null) {
    throw new AgentError("invalid_option", "`allowRepeatSpeaker` and `allowedOrDisallowedSpeakerTransitions` exclude each other: give only one of them");
  }
  const graph = given == null ? connected(agents, allowRepeatSpeaker ?? true) : readGraph(given, agents);
  const allowed = kind === "disallowed" && given != null ? inverted(graph, agents) : graph;
  warnOfOddGraph(allowed, agents);
  return allowed;
}

/** Everybody after everybody; after oneself only where allowed. */
function connected(agents: readonly ConversableAgent[], allowRepeat: boolean | readonly ConversableAgent[]): Graph {
  const graph: Graph = new Map(agents.map((agent) => [agent, agents.filter((other) => other !== agent)]));
  for (const agent of allowRepeat === true ? agents : allowRepeat || []) {
    const next = graph.get(agent);
    if (next === undefined) throw stranger("allowRepeatSpeaker", agent);
    next.push(agent);
  }
  return graph;
}

function readGraph(given: SpeakerTransitions, agents: readonly ConversableAgent[]): Graph {
  const option = "allowedOrDisallowedSpeakerTransitions";
  const graph: Graph = new Map();
  for (const [agent, next] of Symbol.iterator in Object(given) ? given : [[]] as never) {
    if (!Array.isArray(next) || next.some((other: unknown) => typeof (other as ConversableAgent | null)?.generateReply !== "function")) {
      throw mustBe(option, "a Map from agents to lists of agents");
    }
    if (!agents.includes(agent)) throw stranger(option, agent);
    graph.set(agent, [...(next as ConversableAgent[])]);
  }
  return graph;
}

function stranger(option: string, { name }: ConversableAgent): AgentError {
  return new AgentError("invalid_option", `\`${option}\` names \`${name}\`, which is not in the group chat: add it to \`agents\``);
}

/** All transitions but those of `disallowed`, the ones to oneself included (AG2: `invert_disallowed_to_allowed`). */
function inverted(disallowed: Graph, agents: readonly ConversableAgent[]): Graph {
  return new Map(agents.map((agent) => [agent, agents.filter((other) => !disallowed.get(agent)?.includes(other))]));
}

/** What is possible, but probably a mistake (AG2: `check_graph_validity`). */
function warnOfOddGraph(graph: Graph, agents: readonly ConversableAgent[]): void {
  const reached = new Set([...graph.values()].flat());
  const isolated = agents.filter((agent) => !graph.get(agent)?.length && !reached.has(agent));
  if (isolated.length > 0) warn(`nobody may speak before or after ${quotedNames(isolated)}: add transitions`);
  const strangers = [...reached].filter((agent) => !agents.includes(agent));
  if (strangers.length > 0) warn(`the speaker transitions lead to ${quotedNames(strangers)}, not in the group chat: add them to \`agents\``);
  for (const [agent, next] of graph) {
    const twice = repeated(next);
    if (twice.length > 0) warn(`the speaker transitions of \`${agent.name}\` name ${quotedNames(twice)} more than once: remove the duplicates`);
  }
}
