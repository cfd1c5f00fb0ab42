/**
 * `mlflow-ag2/agents/resume`: going on with an earlier group chat.
 *
 * @module mlflow-ag2/agents/resume
 */

export { messagesFromString, messagesToString, resumeGroupChat, type ResumeOptions } from "./resume-group-chat.js";
