/** Nested chats by a handoff of the model, and by a context condition. */

import type { ChatMessage, ConversableAgent, Hooks } from "mlflow-ag2/agents";
import {
  AgentTarget,
  DefaultPattern,
  ExpressionContextCondition,
  handoffsOf,
  initiateGroupChat,
  NestedChatTarget,
  OnCondition,
  OnContextCondition,
  ReplyResult,
  StringLLMCondition,
} from "mlflow-ag2/agents/group";
import { agentWithModel, type Scenario, textSchema } from "./fixtures.js";
import { giveTool, parts } from "./group_fixtures.js";

export const scenario: Scenario = async (server) => {
  // So that the context condition is met once.
  const once: Hooks["updateAgentState"] = (agent, messages: ChatMessage[]) => {
    if (messages.some(({ name }) => name === "wrapped_nested_printer_1"))
      (agent as ConversableAgent).contextVariables["stamps"] = 0;
  };
  const editor = agentWithModel(server, "editor", "You edit.");
  giveTool(
    editor,
    "stamp",
    "Stamps a text.",
    { text: textSchema("text") },
    ({ text }: { text: string }, { contextVariables }) =>
      new ReplyResult({
        message: `stamped ${text}`,
        contextVariables: { stamps: Number(contextVariables["stamps"]) + 1 },
      }),
  );
  const printer = agentWithModel(server, "printer", "You print.", { updateAgentStateBeforeReply: once });
  const style = agentWithModel(server, "style", "You polish.");
  const facts = agentWithModel(server, "facts", "You verify.");
  const checker = agentWithModel(server, "checker", "You check.");
  const review = new NestedChatTarget({
    chatQueue: [
      {
        recipient: style,
        message: "Polish this.",
        maxTurns: 1,
        summaryMethod: "last_msg",
        carryoverConfig: { summaryMethod: "all" },
      },
      { recipient: facts, message: "Verify this.", maxTurns: 1, summaryMethod: "last_msg" },
    ],
  });
  const check = new NestedChatTarget({ chatQueue: [{ recipient: checker, maxTurns: 1, summaryMethod: "last_msg" }] });
  handoffsOf(editor)
    .add(new OnCondition({ target: review, condition: new StringLLMCondition("The text needs a review") }))
    .setAfterWork(new AgentTarget(printer));
  handoffsOf(printer).add(
    new OnContextCondition({ target: check, condition: new ExpressionContextCondition("${stamps} == 1") }),
  );
  const pattern = new DefaultPattern({
    initialAgent: editor,
    agents: [editor, printer],
    contextVariables: { stamps: 0 },
  });
  return {
    ...parts(await initiateGroupChat(pattern, { messages: "Publish: the moon is round.", maxRounds: 20 })),
    names: handoffsOf(editor).llmConditions.map(({ llmFunctionName }) => llmFunctionName),
  };
};
