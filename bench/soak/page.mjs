// A tab that chats for as long as it is open, and can be asked for its counts.

import * as mlflow from "mlflow-ag2";
import { chat } from "../load/chat.mjs";

const TURNS = 20;
const PAUSE_MS = 100;
/** For so many chats the page's memory grows with what the engine notes of the code that runs. */
const WARM_UP_CHATS = 600;
const settings = new URLSearchParams(location.search);

/** The memory of the module, which the browser counts as none of the page's. */
let memory;
const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  constructor(...given) {
    super(...given);
    memory = this.exports.memory;
  }
};

let isOpen = true;

async function chats() {
  while (isOpen) await chat("Begin.", TURNS, PAUSE_MS);
}

mlflow.autolog();
mlflow.init({ trackingUri: "memory:" });
for (let count = 0; count < WARM_UP_CHATS; count += 1) await chat("Begin.", TURNS, 0);
const startedBefore = mlflow.stats().started;
mlflow.init({ trackingUri: settings.get("trackingUri"), experimentName: "soak" });
const allChats = chats();

globalThis.soak = {
  stats: mlflow.stats,
  startedBefore,
  moduleBytes: () => memory.buffer.byteLength,
  /** Ends the chats, and delivers what is left. */
  async end(timeoutMs) {
    isOpen = false;
    await allChats;
    await mlflow.flush({ timeoutMs });
    return mlflow.stats();
  },
};
