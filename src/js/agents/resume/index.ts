/**
 * `mlflow-ag2/agents/resume`: resuming of group chats.
 *
 * @module mlflow-ag2/agents/resume
 */

export { messagesFromString, messagesToString, resumeGroupChat, type ResumeOptions } from "./resume-group-chat.js";
