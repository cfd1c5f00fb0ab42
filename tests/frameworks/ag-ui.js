/**
 * Programs of `@ag-ui/client` that talk to a scripted back end (tests/support/ag-ui-server.ts), for `mlflow-ag2/ag-ui`.
 */

import { HttpAgent } from "@ag-ui/client";
import { withSpan } from "mlflow-ag2";
import { agUi } from "mlflow-ag2/ag-ui";
import { host, settings } from "./program.js";

/** An agent of the back end whose script has this name. */
function agentOf(script, parent) {
  const subscriber = agUi({ parent });
  const url = `${settings().agentUrl}/${script}`;
  const agent = new HttpAgent({ url, agentId: script, threadId: `thread of ${script}`, fetch: subscriber.fetch });
  agent.subscribe(subscriber);
  return agent;
}

let ids = 0;
const ask = (agent, content) => agent.addMessage({ id: `question ${++ids}`, role: "user", content });
const lastText = ({ messages }) => messages.at(-1).content;

const CHOOSE = {
  name: "choose",
  description: "Lets the user choose.",
  parameters: { type: "object", properties: { options: { type: "array" } } },
};

export const worker = host({
  async twoTurns() {
    return await withSpan(
      async (span) => {
        const agent = agentOf("chat", span);
        const texts = [];
        for (const question of ["I am Ada.", "Who am I?"]) {
          ask(agent, question);
          await agent.runAgent();
          texts.push(lastText(agent));
        }
        return texts;
      },
      { name: "conversation" },
    );
  },
  async tool() {
    const agent = agentOf("tool");
    ask(agent, "Weather in Oslo?");
    await agent.runAgent();
    return lastText(agent);
  },
  async stream() {
    const agent = agentOf("stream");
    ask(agent, "A joke, please.");
    const chunks = [];
    await agent.runAgent({}, { onTextMessageContentEvent: ({ event }) => void chunks.push(event.delta) });
    return chunks;
  },
  async error() {
    const agent = agentOf("error");
    ask(agent, "Hello");
    await agent.runAgent({}, { onRunFailed: () => ({ stopPropagation: false }) });
  },
  async twoAtOnce() {
    return await withSpan(
      async (span) =>
        await Promise.all(
          ["fish", "birds"].map(async (topic) => {
            const agent = agentOf("chat", span);
            ask(agent, topic);
            await agent.runAgent();
            return lastText(agent);
          }),
        ),
      { name: "both" },
    );
  },
  async pageTool() {
    const agent = agentOf("page-tool");
    ask(agent, "Red or blue?");
    await agent.runAgent({ tools: [CHOOSE] });
    const { id } = agent.messages.at(-1).toolCalls[0];
    agent.addMessage({ id: "chosen", role: "tool", toolCallId: id, content: "blue" });
    await agent.runAgent({ tools: [CHOOSE] });
    return lastText(agent);
  },
  async unansweredPageTool() {
    const agent = agentOf("page-tool");
    ask(agent, "Red or blue?");
    await agent.runAgent({ tools: [CHOOSE] });
    ask(agent, "Never mind.");
    await agent.runAgent({ tools: [CHOOSE] });
    return lastText(agent);
  },
  async state() {
    const agent = agentOf("state");
    ask(agent, "Count.");
    await agent.runAgent();
    return agent.state;
  },
  async backEnd() {
    const agent = agentOf("back-end");
    ask(agent, "Hello");
    await agent.runAgent();
  },
  async down() {
    const agent = agentOf("down");
    ask(agent, "Hello");
    await agent.runAgent().catch(() => undefined);
  },
  async abort() {
    const agent = agentOf("endless");
    ask(agent, "Hello");
    await agent.runAgent({}, { onTextMessageContentEvent: () => void agent.abortRun() }).catch(() => undefined);
  },
});
