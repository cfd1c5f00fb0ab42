/**
 * `mlflow-ag2/agents/clear-history`: the command with which members of a group chat clear histories.
 *
 * @module mlflow-ag2/agents/clear-history
 */

export { clearAgentsHistory, clearHistoryCommand } from "./clear-history.js";
