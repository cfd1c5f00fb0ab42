/** `mlflow-ag2/agents/resume`: going on with an earlier group chat. */

export { messagesFromString, messagesToString, resumeGroupChat, type ResumeOptions } from "./resume-group-chat.js";
