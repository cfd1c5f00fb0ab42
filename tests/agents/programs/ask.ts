/** Asks the person at standard input, until the reply ends the program or the input ends. */

import { type AgentError, ConversableAgent, UserProxyAgent } from "mlflow-ag2/agents";

const humanInput: string[] = [];
const user = new UserProxyAgent({ name: "user", defaultAutoReply: "(auto)" });
user.registerHook("safeguardHumanInputs", (reply) => {
  humanInput.push(reply);
  return reply;
});
const helper = new ConversableAgent({ name: "helper", humanInputMode: "NEVER", defaultAutoReply: "What else?" });

const error = await user.initiateChat(helper, { message: "Begin.", silent: true }).then(
  () => null,
  ({ code }: AgentError) => code,
);
console.log(`\nRESULT ${JSON.stringify({ humanInput, error })}`);
