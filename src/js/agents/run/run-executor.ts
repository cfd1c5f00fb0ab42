/**
 * The executor of a run with one agent: runs its tools, and replies for the person (AG2:
 * `ConversableAgent._create_or_get_executor`).
 */

import type { ConversableAgentOptions } from "../agent/agent-options.js";
import { agentState } from "../agent/agent-state.js";
import { ConversableAgent } from "../agent/conversable-agent.js";
import { contentText } from "../message/message.js";
import type { Tool } from "../tools/tool.js";

/** The executors of agents that were run before, so that a run can continue the history of the last one. */
const executors = new WeakMap<ConversableAgent, ConversableAgent>();

/** The options for the executor of a run. */
export interface ExecutorSetup {
  /** Options of the executor; if given, a new one is created. */
  executorOptions?: Partial<ConversableAgentOptions> | undefined;
  /** Tools that the agent has in this run only. */
  tools?: readonly Tool[] | Tool | undefined;
  /** Whether a person is asked for every reply. */
  userInput?: boolean | undefined;
}

/**
 * Runs `work` with an executor for the agent's tools and for `tools`, which are registered with the agent's model
 * meanwhile.
 */
export async function withExecutor<Result>(
  agent: ConversableAgent,
  { executorOptions, tools = [], userInput = false }: ExecutorSetup,
  work: (executor: ConversableAgent) => Promise<Result>,
): Promise<Result> {
  const { llmTools } = agent[agentState];
  const given: readonly Tool[] = Array.isArray(tools) ? (tools as readonly Tool[]) : [tools as Tool];
  const executor = executorFor(agent, executorOptions);
  if (executorOptions?.humanInputMode === undefined) executor.humanInputMode = userInput ? "ALWAYS" : "NEVER";
  for (const tool of [...llmTools.values(), ...given]) executor.registerForExecution({ silentOverride: true })(tool);
  const added = given.filter(({ name }) => !llmTools.has(name));
  for (const tool of added) agent.registerForLlm()(tool);
  try {
    return await work(executor);
  } finally {
    for (const { name } of added) agent.updateToolSignature(name, { isRemove: true });
  }
}

function executorFor(agent: ConversableAgent, options: Partial<ConversableAgentOptions> | undefined): ConversableAgent {
  const known = executors.get(agent);
  if (known !== undefined && options === undefined) return known;
  const isTerminationMsg: ConversableAgentOptions["isTerminationMsg"] = ({ content }) =>
    contentText(content).includes("TERMINATE");
  const executor = new ConversableAgent({ name: "user", isTerminationMsg, ...options });
  executors.set(agent, executor);
  return executor;
}
