/** What the tests of queues of chats share. */

import type { ConversableAgent } from "mlflow-ag2/agents";
import { plainAgent } from "./agent_fixtures.js";

/** An agent that always replies with one word. */
export function answering(name: string, word = name): ConversableAgent {
  const agent = plainAgent(name);
  agent.registerReply(
    () => true,
    () => [true, word],
  );
  return agent;
}

/** The first message of `user` to an agent. */
export function firstQuestion(agent: ConversableAgent, user: ConversableAgent): unknown {
  return agent.chatMessages.get(user)?.[0]?.content;
}
