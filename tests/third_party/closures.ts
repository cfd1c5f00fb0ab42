/**
 * A miniature library without classes: functions make agents, which keep what they know in closures
 * and, by option, are frozen or hidden behind a proxy.
 */

import type { Log } from "./script.js";

export type Model = (messages: readonly { role: string; content: string }[]) => Promise<string>;

export interface Agent {
  readonly name: string;
  generateReply(messages: readonly SpokenMessage[], sender?: Agent): Promise<string>;
  executeTool(name: string, args: Record<string, unknown>): Promise<unknown>;
}

export interface SpokenMessage {
  speaker: string;
  content: string;
}

export interface AgentSettings {
  name: string;
  log: Log;
  model?: Model;
  tools?: Record<string, (args: never) => unknown>;
  isFrozen?: boolean;
  isHidden?: boolean;
}

/** Makes an agent. Its model calls a tool with the text `!name {json}`. */
export function createAgent({
  name,
  log,
  model,
  tools = {},
  isFrozen = false,
  isHidden = false,
}: AgentSettings): Agent {
  const agent: Agent = {
    name,
    generateReply: async (messages) => {
      const requestMessages = messages.map(({ speaker, content }) => ({
        role: speaker === name ? "assistant" : "user",
        content,
      }));
      const text = model === undefined ? `${name} agrees` : await model(requestMessages);
      const call = /^!(\w+) (.*)$/.exec(text);
      const result =
        call === null ? undefined : await agent.executeTool(call[1]!, JSON.parse(call[2]!) as Record<string, unknown>);
      const reply = call === null ? text : `${call[1]} gave ${String(result)}`;
      log.push(`${name}: ${reply}`);
      return reply;
    },
    executeTool: async (tool, args) => {
      const found = tools[tool];
      if (found === undefined) throw new Error(`no tool ${tool}`);
      return found(args as never);
    },
  };
  if (isFrozen) return Object.freeze(agent);
  return isHidden ? hidden(agent) : agent;
}

function hidden(agent: Agent): Agent {
  return new Proxy(agent, {
    get: (target, key, receiver: unknown) => Reflect.get(target, key, receiver) as unknown,
    set: () => false,
    ownKeys: () => ["name"],
  });
}

/** A conversation of agents in turn. */
export function createGroupChat(
  agents: readonly Agent[],
  rounds: number,
): {
  agents: readonly Agent[];
  history: SpokenMessage[];
  run(task: string): Promise<{ output: string; history: SpokenMessage[] }>;
} {
  const history: SpokenMessage[] = [];
  return {
    agents,
    history,
    async run(task) {
      history.push({ speaker: "user", content: task });
      for (let round = 0; round < rounds; round++) {
        const speaker = agents[round % agents.length]!;
        const content = await speaker.generateReply(history);
        history.push({ speaker: speaker.name, content });
      }
      return { output: history.at(-1)!.content, history };
    },
  };
}
