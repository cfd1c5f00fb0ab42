/**
 * Ids of the attributes whose keys the core knows (src/mlflow/names.rs). `build.rs` generates the Rust constants
 * from this list.
 */

export const agentName = 0;
export const provider = 1;
export const configIndex = 2;
export const conversationId = 3;
export const conversationTurns = 4;
export const conversationMaxTurns = 5;
export const temperature = 6;
export const maxTokens = 7;
export const topP = 8;
export const frequencyPenalty = 9;
export const presencePenalty = 10;
export const seed = 11;
export const choiceCount = 12;
export const responseModel = 13;
export const responseId = 14;
export const finishReasons = 15;
export const speakerCandidates = 16;
export const speakerSelected = 17;
export const speakerMethod = 18;
export const exitCode = 19;
export const chatsCount = 20;
export const chatsMode = 21;
export const chatsRecipients = 22;
export const chatsIds = 23;
export const chatTools = 24;
export const messageFormat = 25;
export const model = 26;
export const source = 27;
export const chatMessages = 28;
