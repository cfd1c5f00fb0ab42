/**
 * `mlflow-ag2/agents/group-run`: running a group chat by a pattern with a stream of its events (AG2:
 * agentchat/group/multi_agent_chat.py).
 *
 * @module mlflow-ag2/agents/group-run
 */

export {
  type GroupRunResponse,
  runGroupChat,
  runGroupChatIter,
  type RunGroupChatIterOptions,
} from "./run-group-chat.js";
