/** The other side of a run with one agent: runs its tools, and speaks for the person (AG2: `ConversableAgent._create_or_get_executor`). */

import type { ConversableAgentOptions } from "../agent-options.js";
import { agentState } from "../agent-state.js";
import { ConversableAgent } from "../conversable-agent.js";
import { contentText } from "../message.js";
import type { Tool } from "../tool.js";

/** The executors of agents that were run before: a run can go on with the history of the last one. */
const executors = new WeakMap<ConversableAgent, ConversableAgent>();

/** How an executor is set up. */
export interface ExecutorSetup {
  /** Options of the executor; giving them makes a new one. */
  executorOptions?: Partial<ConversableAgentOptions> | undefined;
  /** Tools that the agent has for this run only. */
  tools?: readonly Tool<never>[] | Tool<never> | undefined;
  /** Whether a person is asked for every reply. */
  userInput?: boolean | undefined;
}

/** Does `work` with an executor that can run the agent's tools and `tools`, which the agent's model knows that long. */
export async function withExecutor<Result>(
  agent: ConversableAgent,
  { executorOptions, tools = [], userInput = false }: ExecutorSetup,
  work: (executor: ConversableAgent) => Promise<Result>,
): Promise<Result> {
  const { toldTools } = agent[agentState];
  const given = [tools].flat() as Tool<never>[];
  const executor = executorFor(agent, executorOptions);
  if (executorOptions?.humanInputMode === undefined) executor.humanInputMode = userInput ? "ALWAYS" : "NEVER";
  for (const tool of [...toldTools.values(), ...given]) executor.registerForExecution({ silentOverride: true })(tool);
  const added = given.filter(({ name }) => !toldTools.has(name));
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
  const isTerminationMsg: ConversableAgentOptions["isTerminationMsg"] = ({ content }) => contentText(content).includes("TERMINATE");
  const executor = new ConversableAgent({ name: "user", isTerminationMsg, ...options });
  executors.set(agent, executor);
  return executor;
}
