/**
 * Drives a browser as a user would: opens one page, presses keys and clicks. The interface is the same for Chromium,
 * driven by Playwright, and for Firefox, driven by WebDriver BiDi.
 */

import { setTimeout as pause } from "node:timers/promises";
import type { Page } from "playwright-core";
import { startBrowser } from "./browser.js";
import { startFirefox } from "./firefox.js";

/** The operations of a browser. Coordinates are CSS pixels from the top left corner of the viewport. */
export interface Window {
  open(url: string): Promise<void>;
  resize(width: number, height: number): Promise<void>;
  /** The value of a JavaScript expression in the page, awaited; the content security policy does not apply. */
  evaluate(expression: string): Promise<unknown>;
  /** Presses one key, named as in `KeyboardEvent.key`. */
  press(key: string): Promise<void>;
  clickAt(x: number, y: number): Promise<void>;
  close(): Promise<void>;
}

const WAIT_MS = 300_000;

/** One browser with one page. */
export class BrowserDriver {
  readonly #window: Window;

  constructor(window: Window) {
    this.#window = window;
  }

  open(url: string): Promise<void> {
    return this.#window.open(url);
  }

  resize(width: number, height = 800): Promise<void> {
    return this.#window.resize(width, height);
  }

  close(): Promise<void> {
    return this.#window.close();
  }

  /** Runs `script` in the page with arguments that JSON can carry; gives what it gives, if JSON can carry that. */
  async ask<Arguments extends unknown[], Answer>(
    script: (...given: Arguments) => Answer,
    ...given: Arguments
  ): Promise<Awaited<Answer>> {
    const call = `(${String(script)})(...${JSON.stringify(given)})`;
    const answer = await this.#window.evaluate(
      `Promise.resolve(${call}).then((answer) => JSON.stringify(answer ?? null))`,
    );
    return JSON.parse(String(answer)) as Awaited<Answer>;
  }

  /** Runs a whole script for what it leaves behind. */
  async run(script: string): Promise<void> {
    await this.#window.evaluate(`${script}\n;0`);
  }

  /** Runs `script` repeatedly until its result is not `null`, `undefined` or `false`. */
  async until<Arguments extends unknown[], Answer>(
    script: (...given: Arguments) => Answer,
    ...given: Arguments
  ): Promise<NonNullable<Awaited<Answer>>> {
    const end = Date.now() + WAIT_MS;
    for (;;) {
      const answer = await this.ask(script, ...given);
      if (answer !== null && answer !== undefined && answer !== false) return answer;
      if (Date.now() > end) throw new Error(`the page never returned a result of ${String(script)}`);
      await pause(20);
    }
  }

  /** Presses keys, one after the other. */
  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.#window.press(key);
  }

  /** Types text where the focus is. */
  async type(text: string): Promise<void> {
    await this.press(...text);
  }

  /** Clicks the middle of an element once it does not move; ">>>" in the selector enters an element's shadow tree. */
  async click(selector: string): Promise<void> {
    const [x, y] = await this.until(
      async (parts: string[]) => {
        let root: ParentNode = document;
        let found: Element | null = null;
        for (const part of parts) {
          found = root.querySelector(part);
          if (found === null) return null;
          root = found.shadowRoot ?? found;
        }
        found!.scrollIntoView({ block: "center", behavior: "instant" });
        const frame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve));
        await frame();
        const before = found!.getBoundingClientRect();
        await frame();
        const { x, y, width, height } = found!.getBoundingClientRect();
        return width > 0 && x === before.x && y === before.y ? [x + width / 2, y + height / 2] : null;
      },
      selector.split(">>>").map((part) => part.trim()),
    );
    await this.#window.clickAt(x, y);
  }
}

/** The browsers that pages are tested in, by name. */
export const BROWSERS: Readonly<Record<string, () => Promise<BrowserDriver>>> = {
  Chromium: async () => new BrowserDriver(await chromiumWindow()),
  Firefox: async () => new BrowserDriver(await startFirefox()),
};

async function chromiumWindow(): Promise<Window> {
  const browser = await startBrowser();
  const page: Page = await browser.newPage();
  return {
    open: async (url) => void (await page.goto(url)),
    resize: (width, height) => page.setViewportSize({ width, height }),
    evaluate: (expression) => page.evaluate(expression),
    press: (key) => page.keyboard.press(key === " " ? "Space" : key),
    clickAt: (x, y) => page.mouse.click(x, y),
    close: () => browser.close(),
  };
}
