/** What the tests use of the package `ws`, which brings no types. */

declare module "ws" {
  export class WebSocket {
    constructor(url: string);
    on(event: "open", listener: () => void): this;
    on(event: "message", listener: (data: { toString(): string }) => void): this;
    on(event: "error", listener: (error: Error) => void): this;
    send(text: string): void;
    close(): void;
  }
}
