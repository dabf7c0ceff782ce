import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Ports are taken from below the range of outgoing connections, so that no such connection takes
 * the port of a broker that is briefly down.
 */
const portMin = 20_000;
const portMax = 32_000;

async function isFree(port: number, host: string): Promise<boolean> {
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return true;
  } catch {
    return false;
  }
}

/** Returns ports that nothing listens on now. A broker keeps its own across a restart. */
export async function freePorts(count: number, host = '127.0.0.1'): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(portMin, portMax);
    if (await isFree(port, host)) ports.add(port);
  }
  return [...ports];
}

/**
 * Returns a base port above which nothing listens now at any of these distances, for a stack that
 * counts its ports from a base.
 */
export async function freeBasePort(distances: readonly number[], host = '127.0.0.1'): Promise<number> {
  for (;;) {
    const base = randomInt(portMin, portMax - Math.max(...distances));
    const free = await Promise.all(distances.map((distance) => isFree(base + distance, host)));
    if (!free.includes(false)) return base;
  }
}
