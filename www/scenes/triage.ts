/** A help desk by a pattern: a tool sets variables, a model hands off, a guardrail keeps a number back. */

import { Tool } from "mlflow-ag2/agents";
import {
  AgentTarget,
  DefaultPattern,
  handoffsOf,
  initiateGroupChat,
  OnCondition,
  ReplyResult,
  StringAvailableCondition,
  StringLLMCondition,
  TerminateTarget,
} from "mlflow-ag2/agents/group";
import { RegexGuardrail, registerOutputGuardrails } from "mlflow-ag2/agents/guardrails";
import { lastWords, type Scene, thinker } from "./scene.js";

/** The scene. */
export const triage: Scene = {
  id: "triage",
  title: "Handoffs",
  about: "A help desk: a tool finds the customer, a model hands off to billing, a guardrail keeps a number back.",
  script: [
    {
      match: { first_contains: "You are the desk" },
      usage: [80, 14],
      tool_calls: [{ id: "call_1", name: "find_customer", arguments: { name: "Ada" } }],
    },
    {
      match: { first_contains: "You are the desk" },
      usage: [110, 12],
      tool_calls: [{ id: "call_2", name: "transfer_to_billing_1", arguments: {} }],
    },
    {
      match: { first_contains: "You are billing" },
      usage: [70, 18],
      content: "Your card 4815162342 was charged twice.",
    },
    {
      match: { first_contains: "You are the editor" },
      usage: [60, 9],
      content: "Your card was charged twice; we refund it today.",
    },
  ],
  hold: async (llmConfig) => {
    const desk = thinker("desk", "You are the desk.", llmConfig);
    const billing = thinker("billing", "You are billing.", llmConfig);
    const editor = thinker("editor", "You are the editor, and leave numbers out.", llmConfig);
    const findCustomer = ({ name }: { name: string }): ReplyResult =>
      new ReplyResult({ message: `${name} has one order.`, contextVariables: { customer: name, isKnown: true } });
    desk.registerForLlm()(
      new Tool(findCustomer, {
        name: "find_customer",
        description: "Finds a customer",
        parameters: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
      }),
    );
    handoffsOf(desk).add(
      new OnCondition({
        target: new AgentTarget(billing),
        condition: new StringLLMCondition("A known customer asks about money"),
        available: new StringAvailableCondition("isKnown"),
      }),
    );
    registerOutputGuardrails(
      billing,
      new RegexGuardrail({ name: "card number", condition: /\d{10}/, target: new AgentTarget(editor) }),
    );
    handoffsOf(editor).setAfterWork(new TerminateTarget());
    const pattern = new DefaultPattern({
      initialAgent: desk,
      agents: [desk, billing, editor],
      contextVariables: { isKnown: false },
    });
    const messages = "I am Ada. Why was I charged twice?";
    const [result] = await initiateGroupChat(pattern, { messages, silent: true });
    return lastWords(result);
  },
};
