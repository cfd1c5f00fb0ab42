/** How long something takes, in every host. */

/** Milliseconds of wall time. */
export const now = () => performance.now();

/** CPU milliseconds of this process; for a page its driver reads them from the system. */
async function cpuMs() {
  if (globalThis.benchCpuMs !== undefined) return globalThis.benchCpuMs();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Runs `work` once and returns its duration in milliseconds; `cpuMs` is `null` where it is not available. */
export async function timed(work) {
  const cpuBefore = await cpuMs();
  const before = now();
  await work();
  const wallMs = now() - before;
  const cpu = await cpuMs();
  return { wallMs, cpuMs: cpu === null ? null : cpu - cpuBefore };
}
