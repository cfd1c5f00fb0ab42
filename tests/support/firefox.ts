/**
 * Headless Firefox as Debian has it. Playwright drives only a Firefox of its own making, so this one is
 * spoken to in WebDriver BiDi (https://w3c.github.io/webdriver-bidi/), the few commands that the tests need.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { WebSocket } from "ws";
import { Service } from "./child.js";
import { temporaryFolder } from "./folder.js";
import { firefox } from "./project.js";
import type { Window } from "./browser-driver.js";

/** Preferences that avoid requests to the network and to a person. */
const SETTINGS: Readonly<Record<string, boolean | number | string>> = {
  "app.normandy.enabled": false,
  "browser.aboutwelcome.enabled": false,
  "browser.safebrowsing.update.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.page": 0,
  "datareporting.policy.dataSubmissionEnabled": false,
  "datareporting.healthreport.uploadEnabled": false,
  "extensions.update.enabled": false,
  "extensions.systemAddon.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "data:,",
  "toolkit.telemetry.enabled": false,
  "ui.prefersReducedMotion": 1,
};

/** What the protocol calls keys that write nothing (WebDriver's normalised key values). */
const KEYS: Readonly<Record<string, string>> = {
  Tab: "\ue004",
  Enter: "\ue007",
  Escape: "\ue00c",
  End: "\ue010",
  Home: "\ue011",
  ArrowLeft: "\ue012",
  ArrowUp: "\ue013",
  ArrowRight: "\ue014",
  ArrowDown: "\ue015",
};

interface Evaluated {
  type: "success" | "exception";
  result: { value?: unknown };
  exceptionDetails?: { text: string };
}

/** Starts it with one empty window. */
export async function startFirefox(): Promise<Window> {
  const profile = temporaryFolder("firefox");
  const lines = Object.entries(SETTINGS).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
  );
  writeFileSync(join(profile, "user.js"), lines.join("\n"));
  const parameters = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0", "about:blank"];
  const service = new Service(firefox(), parameters, {
    cwd: profile,
    environment: { HOME: profile, MOZ_HEADLESS: "1" },
  });
  const address = await service.until(
    () => /WebDriver BiDi listening on (ws:\/\/\S+)/.exec(service.printed)?.[1],
    180_000,
  );
  const connection = await connect(`${address}/session`);
  await connection.send("session.new", { capabilities: {} });
  const { context } = (await connection.send("browsingContext.create", { type: "tab" })) as { context: string };
  const act = (source: object): Promise<unknown> =>
    connection.send("input.performActions", { context, actions: [source] });
  return {
    open: async (url) => void (await connection.send("browsingContext.navigate", { context, url, wait: "complete" })),
    resize: async (width, height) =>
      void (await connection.send("browsingContext.setViewport", { context, viewport: { width, height } })),
    evaluate: async (expression) => {
      const parameters = { expression, target: { context }, awaitPromise: true, userActivation: true };
      const { type, result, exceptionDetails } = (await connection.send("script.evaluate", parameters)) as Evaluated;
      if (type === "exception") throw new Error(`in the page: ${exceptionDetails?.text}`);
      return result.value;
    },
    press: async (key) => {
      const value = KEYS[key] ?? key;
      await act({
        type: "key",
        id: "keyboard",
        actions: [
          { type: "keyDown", value },
          { type: "keyUp", value },
        ],
      });
    },
    clickAt: async (x, y) => {
      const move = { type: "pointerMove", x: Math.round(x), y: Math.round(y) };
      await act({
        type: "pointer",
        id: "mouse",
        actions: [move, { type: "pointerDown", button: 0 }, { type: "pointerUp", button: 0 }],
      });
    },
    close: async () => {
      connection.close();
      await service.stop();
    },
  };
}

interface Connection {
  send(method: string, params: object): Promise<unknown>;
  close(): void;
}

function connect(url: string): Promise<Connection> {
  const socket = new WebSocket(url);
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  let last = 0;
  socket.on("message", (data) => {
    const answer = JSON.parse(data.toString()) as {
      id?: number;
      type: string;
      result?: unknown;
      error?: string;
      message?: string;
    };
    const command = answer.id === undefined ? undefined : waiting.get(answer.id);
    if (command === undefined) return;
    waiting.delete(answer.id!);
    if (answer.type === "success") command.resolve(answer.result);
    else command.reject(new Error(`Firefox reports ${answer.error}: ${answer.message}`));
  });
  return new Promise((opened, failed) => {
    socket.on("error", (error) => {
      for (const { reject } of waiting.values()) reject(error);
      failed(error);
    });
    socket.on("open", () =>
      opened({
        send: (method, params) =>
          new Promise((resolve, reject) => {
            waiting.set((last += 1), { resolve, reject });
            socket.send(JSON.stringify({ id: last, method, params }));
          }),
        close: () => socket.close(),
      }),
    );
  });
}
