/** The page of a Web Worker. */

const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
worker.addEventListener("message", ({ data }) => console.log(`RESULT ${JSON.stringify(data)}`));
worker.addEventListener("error", ({ message }) => reportError(new Error(message)));
worker.postMessage(location.search);
