import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { askProcesses } from './service-reports.ts';

describe('the processes behind one name', () => {
  let servers: readonly Server[];
  let port: number;
  beforeAll(async () => {
    const listen = async (host: string, at: number): Promise<Server> => {
      const server = createServer(({ url }, answer) =>
        answer.end(
          url === '/readyz'
            ? JSON.stringify({ status: 'ready', roles: [], checks: {} })
            : `a{host="${host}"} 1`,
        ),
      );
      await new Promise<void>((resolve) => void server.listen(at, host, resolve));
      return server;
    };
    const first = await listen('127.0.0.1', 0);
    port = (first.address() as AddressInfo).port;
    servers = [first, await listen('127.0.0.2', port)];
  });
  afterAll(() => servers.forEach((server) => server.close()));

  const reportsOf = async (addresses: readonly string[]) =>
    (await askProcesses({ order: `http://order:${port}` }, { lookUp: () => Promise.resolve(addresses) })).map(
      ({ status, samples }) => ({ process: status.process, status: status.status, samples }),
    );

  it('are all asked, as Prometheus asks them', async () => {
    const sample = (host: string) => [{ name: 'a', labels: { host }, value: 1 }];
    expect(await reportsOf(['127.0.0.1', '127.0.0.2'])).toEqual([
      { process: 'order 127.0.0.1', status: 'ready', samples: sample('127.0.0.1') },
      { process: 'order 127.0.0.2', status: 'ready', samples: sample('127.0.0.2') },
    ]);
  });

  it('are one by its own name if there is one address, or none', async () => {
    expect(await reportsOf([])).toMatchObject([{ process: 'order', status: 'no answer' }]);
  });
});
