/** The page of a Service Worker. */

async function ask(): Promise<unknown> {
  await navigator.serviceWorker.register(new URL("./service-worker.js", import.meta.url), { type: "module" });
  const { active } = await navigator.serviceWorker.ready;
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
  active?.postMessage(location.search, [port2]);
  return answer;
}

void ask().then((report) => console.log(`RESULT ${JSON.stringify(report)}`));
