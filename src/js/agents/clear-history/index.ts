/**
 * `mlflow-ag2/agents/clear-history`: members of a group chat that make each other forget.
 *
 * @module mlflow-ag2/agents/clear-history
 */

export { clearAgentsHistory, clearHistoryCommand } from "./clear-history.js";
