/** Every example conversation, in the order in which the page offers them. */

import { holdCalculatorChat } from "./calculator.js";
import { CALCULATOR_SCRIPT } from "./calculator-script.js";
import { failingTool } from "./failing-tool.js";
import { groupChat } from "./group-chat.js";
import { nestedChats } from "./nested-chats.js";
import { lastWords, type Scene } from "./scene.js";
import { streaming } from "./streaming.js";
import { triage } from "./triage.js";
import { twoChats } from "./two-chats.js";

const calculator: Scene = {
  id: "calculator",
  title: "Calculator",
  about: "The example of MLflow's AG2 page: an assistant that calls a calculator, turn by turn.",
  script: CALCULATOR_SCRIPT.responses ?? [],
  hold: async (llmConfig) => lastWords(await holdCalculatorChat(llmConfig)),
};

/** All of them. */
export const SCENES: readonly Scene[] = [calculator, groupChat, nestedChats, streaming, failingTool, twoChats, triage];
