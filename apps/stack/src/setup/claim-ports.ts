import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { listeners, withPorts, type StackDefinition } from '../definition/define-stack.ts';
import type { Listening } from '../definition/service-processes.ts';

/**
 * Free ports come from below the range that systems give to outgoing connections. A port inside
 * that range may belong to such a connection when its owner restarts.
 */
const freePortMin = 15_000;
const freePortMax = 32_000;
const attemptsMax = 200;

export interface ClaimedPorts<Services extends string> {
  readonly definition: StackDefinition<Services>;
  /** One line for each part that moved because its port is taken. */
  readonly notices: readonly string[];
}

/**
 * Settles every port before anything starts. A fixed port must be free unless its part may move,
 * and 0 becomes a free port that stays the same across restarts. Rejects with a one-line error that
 * names every port that is not available, and its setting.
 */
export async function claimPorts<Services extends string>(
  definition: StackDefinition<Services>,
  candidate: () => number = () => randomInt(freePortMin, freePortMax),
): Promise<ClaimedPorts<Services>> {
  const held: Server[] = [];
  const refused: string[] = [];
  const notices: string[] = [];
  const ports = new Map<string, number>();
  const anyFree = listeners(definition).filter(({ port }) => port === 0);
  try {
    for (const part of fixedFirst(listeners(definition))) {
      if (part.port === 0) continue;
      const server = await holdPort(part.port).catch((error: NodeJS.ErrnoException) => {
        if (part.orAnyFree && error.code === 'EADDRINUSE') anyFree.push(part);
        else refused.push(inWords(part, error));
      });
      if (server !== undefined) held.push(server);
    }
    if (refused.length > 0)
      throw new Error(
        `${refused.join('; ')}. Stop the program that listens there, set another port in the named ` +
          'environment variable (0 means any free port), or move all ports with --base-port, such as 5000',
      );
    for (const part of anyFree) {
      const { port, server } = await holdFreePort(candidate);
      held.push(server);
      ports.set(part.label, port);
      if (part.port !== 0) notices.push(`port ${part.port} is taken: ${part.label} moved to port ${port}`);
    }
    return { definition: withPorts(definition, ports), notices };
  } finally {
    await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

/** A part that may move takes no port from one that may not. */
const fixedFirst = (parts: readonly Listening[]): readonly Listening[] =>
  parts.toSorted((one, other) => Number(one.orAnyFree ?? false) - Number(other.orAnyFree ?? false));

const inWords = (
  { label, port, portSetting }: Listening,
  { code, message }: NodeJS.ErrnoException,
): string => {
  const why =
    code === 'EADDRINUSE'
      ? 'is taken'
      : code === 'EACCES'
        ? 'may not be opened by this user'
        : `cannot be opened (${message})`;
  return `port ${port} (${label}: ${portSetting}) ${why}`;
};

async function holdFreePort(candidate: () => number): Promise<{ port: number; server: Server }> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const port = candidate();
    const server = await holdPort(port).catch(() => undefined);
    if (server !== undefined) return { port, server };
  }
  throw new Error(`no free port between ${freePortMin} and ${freePortMax}: set the ports in the environment`);
}

/**
 * Opens a port and holds it. All ports are held until the last is settled, so that no two parts get
 * the same one.
 */
function holdPort(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
  });
}
