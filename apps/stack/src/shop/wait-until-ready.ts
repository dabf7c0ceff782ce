import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 250;
const answerTimeoutMs = 3_000;

export interface ReadyWait {
  readonly waitMsMax: number;
  readonly print: (line: string) => void;
}

/**
 * Resolves once every service reports on `/readyz` that it is ready. Prints once which services it
 * waits for. Rejects with their names at the limit.
 */
export async function waitUntilReady(
  urls: Readonly<Record<string, string>>,
  { waitMsMax, print }: ReadyWait,
): Promise<void> {
  const deadline = performance.now() + waitMsMax;
  for (let attempt = 1; ; attempt++) {
    const states = await Promise.all(
      Object.entries(urls).map(async ([name, url]) => ({ name, url, ready: await isReady(url) })),
    );
    const late = states.filter(({ ready }) => !ready);
    if (late.length === 0) return;
    const names = late.map(({ name, url }) => `${name} (${url})`).join(', ');
    if (performance.now() > deadline)
      throw new Error(`not ready after ${waitMsMax / 1000} s: ${names}. Their /readyz and logs say why`);
    if (attempt === 1) print(`waiting for ${names}`);
    await sleep(pollMs);
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(answerTimeoutMs) })).ok;
  } catch {
    return false; // it does not listen yet, or is too busy to answer
  }
}
