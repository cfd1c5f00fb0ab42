/**
 * A person with a browser: looks at one page, presses keys and clicks. The same in Chromium, driven by
 * Playwright, and in Firefox, driven by WebDriver BiDi.
 */

import { setTimeout as pause } from "node:timers/promises";
import type { Page } from "playwright-core";
import { startBrowser } from "./browser.js";
import { startFirefox } from "./firefox.js";

/** What a browser can be asked. Places are CSS pixels from the page's visible top left corner. */
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

const WAIT_MS = 60_000;

/** One person at one page. */
export class Visitor {
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

  /** Asks again and again until the answer is not `null`, `undefined` or `false`. */
  async until<Arguments extends unknown[], Answer>(
    script: (...given: Arguments) => Answer,
    ...given: Arguments
  ): Promise<NonNullable<Awaited<Answer>>> {
    const end = Date.now() + WAIT_MS;
    for (;;) {
      const answer = await this.ask(script, ...given);
      if (answer !== null && answer !== undefined && answer !== false) return answer;
      if (Date.now() > end) throw new Error(`the page never gave an answer to ${String(script)}`);
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

  /** Clicks the middle of an element once it stands still; ">>>" in the selector goes into an element's shadow tree. */
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
export const BROWSERS: Readonly<Record<string, () => Promise<Visitor>>> = {
  Chromium: async () => new Visitor(await chromiumWindow()),
  Firefox: async () => new Visitor(await startFirefox()),
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
