/** Who may speak after whom (AG2: agentchat/groupchat.py, `GroupChat.__post_init__`; graph_utils.py). */

import type { ConversableAgent } from "./conversable-agent.js";
import { AgentError } from "./errors.js";
import { warn } from "./printer.js";

/** For each agent, the agents that may (or must not) speak after it; a `Map` is one. */
export type SpeakerTransitions = Iterable<readonly [ConversableAgent, readonly ConversableAgent[]]>;

/** What the graph is made of; see `GroupChatOptions`. */
export interface TransitionOptions {
  agents: readonly ConversableAgent[];
  allowRepeatSpeaker?: boolean | readonly ConversableAgent[] | null | undefined;
  allowedOrDisallowedSpeakerTransitions?: SpeakerTransitions | null | undefined;
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
  if (kind != null && kind !== "allowed" && kind !== "disallowed") {
    throw new AgentError("invalid_option", `\`speakerTransitionsType\` is \`${kind}\`: it must be "allowed" or "disallowed"`);
  }
  if (given != null && allowRepeatSpeaker != null) {
    throw new AgentError("invalid_option", "`allowedOrDisallowedSpeakerTransitions` and `allowRepeatSpeaker` exclude each other: give only one of them");
  }
  if (given != null && kind == null) {
    throw new AgentError("invalid_option", '`allowedOrDisallowedSpeakerTransitions` needs `speakerTransitionsType`: set it to "allowed" or "disallowed"');
  }
  const graph = given == null ? connected(agents, allowRepeatSpeaker ?? true) : readGraph(given);
  checkKeys(graph, agents);
  const allowed = kind === "disallowed" && given != null ? inverted(graph, agents) : graph;
  warnOfOddGraph(allowed, agents);
  return allowed;
}

/** Everybody after everybody; after oneself only where allowed. */
function connected(agents: readonly ConversableAgent[], allowRepeat: boolean | readonly ConversableAgent[]): Graph {
  const graph: Graph = new Map(agents.map((agent) => [agent, agents.filter((other) => other !== agent)]));
  for (const agent of allowRepeat === true ? agents : allowRepeat || []) {
    const next = graph.get(agent);
    if (next === undefined) throw new AgentError("invalid_option", `\`allowRepeatSpeaker\` names \`${agent.name}\`, which is not in the group chat`);
    next.push(agent);
  }
  return graph;
}

function readGraph(given: SpeakerTransitions): Graph {
  const graph: Graph = new Map();
  const isIterable = typeof (given as { [Symbol.iterator]?: unknown })[Symbol.iterator] === "function";
  if (!isIterable) throw new AgentError("invalid_option", "`allowedOrDisallowedSpeakerTransitions` must be a Map from agents to lists of agents");
  for (const [agent, next] of given) {
    if (!Array.isArray(next) || next.some((other: unknown) => typeof (other as ConversableAgent | null)?.generateReply !== "function")) {
      throw new AgentError("invalid_option", "`allowedOrDisallowedSpeakerTransitions` has a value that is not a list of agents");
    }
    graph.set(agent, [...(next as ConversableAgent[])]);
  }
  return graph;
}

function checkKeys(graph: Graph, agents: readonly ConversableAgent[]): void {
  for (const agent of graph.keys()) {
    if (!agents.includes(agent)) {
      throw new AgentError(
        "invalid_option",
        `\`allowedOrDisallowedSpeakerTransitions\` has the key \`${agent.name}\`, which is not in the group chat: add it to \`agents\``,
      );
    }
  }
}

/** All transitions but those of `disallowed`, the ones to oneself included (AG2: `invert_disallowed_to_allowed`). */
function inverted(disallowed: Graph, agents: readonly ConversableAgent[]): Graph {
  return new Map(agents.map((agent) => [agent, agents.filter((other) => !disallowed.get(agent)?.includes(other))]));
}

/** What is possible, but probably a mistake (AG2: `check_graph_validity`). */
function warnOfOddGraph(graph: Graph, agents: readonly ConversableAgent[]): void {
  const left = new Set([...graph].flatMap(([agent, next]) => (next.length > 0 ? [agent] : [])));
  const reached = new Set([...graph.values()].flat());
  const isolated = agents.filter((agent) => !left.has(agent) && !reached.has(agent));
  if (isolated.length > 0) warn(`nobody may speak before or after ${names(isolated)}: add transitions from or to them`);
  const strangers = [...reached].filter((agent) => !agents.includes(agent));
  if (strangers.length > 0) warn(`the speaker transitions lead to ${names(strangers)}, not in the group chat: add them to \`agents\``);
  for (const [agent, next] of graph) {
    const twice = next.filter((other, index) => next.indexOf(other) !== index);
    if (twice.length > 0) warn(`the speaker transitions of \`${agent.name}\` name ${names([...new Set(twice)])} more than once: remove the duplicates`);
  }
}

function names(agents: readonly ConversableAgent[]): string {
  return agents.map(({ name }) => `\`${name}\``).join(", ");
}
