import { createServer } from 'node:net';
import type { Listening, StackDefinition } from '../define-stack.ts';

/**
 * Settles every port before anything starts: a fixed one must be free, 0 becomes a free one that stays the same over restarts.
 * Rejects with one line that names every taken port and its setting.
 */
export async function claimPorts<Definition extends StackDefinition>(definition: Definition): Promise<Definition> {
  const taken: string[] = [];
  const claim = async <Part extends Listening>(name: string, part: Part): Promise<Part> => {
    const port = await probe(part.port).catch(() => undefined);
    if (port === undefined) taken.push(`${part.port} (${name}: ${part.portSetting})`);
    return { ...part, port: port ?? part.port };
  };
  const [database, log, mail] = [
    await claim('PostgreSQL', definition.database),
    await claim('broker', definition.log),
    await claim('mail', definition.mail),
  ];
  const services: Record<string, (typeof definition.services)[string]> = {};
  for (const [name, part] of Object.entries(definition.services)) services[name] = await claim(name, part);
  if (taken.length > 0)
    throw new Error(
      `port${taken.length > 1 ? 's' : ''} taken: ${taken.join(', ')}. Stop who listens there, or set another port in the named environment variable`,
    );
  return { ...definition, database, log, mail, services };
}

function probe(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('not listening'))));
    });
  });
}
