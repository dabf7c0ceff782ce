import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  defineStack,
  embeddedBroker,
  embeddedPostgres,
  listeners,
  mailSink,
  withPorts,
  withScale,
} from '../definition/define-stack.ts';
import { embeddedKeys } from '../definition/keys.ts';
import { claimPorts } from './claim-ports.ts';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

async function taken(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const shop = ({ log = 0, sidePort = 0, order = 0, mail = 0 }) =>
  defineStack({
    database: embeddedPostgres({ port: 0 }),
    keys: embeddedKeys({ port: 0 }),
    log: embeddedBroker({ port: log, sidePort }),
    mail: mailSink({ port: mail }),
    services: { order: { app: 'order', port: order } },
  });

const claimed = async (...given: Parameters<typeof claimPorts>) => (await claimPorts(...given)).definition;

describe('the ports of a stack', () => {
  it('are different free ones, below the range of outgoing connections', async () => {
    const ports = listeners(await claimed(shop({}))).map(({ port }) => port);

    expect(new Set(ports).size).toBe(7);
    for (const port of ports) expect(port).toBeGreaterThanOrEqual(15_000);
    for (const port of ports) expect(port).toBeLessThan(32_000);
  });

  it('are never given twice, even if the same one is drawn', async () => {
    const first = listeners(await claimed(shop({})))[0]?.port ?? 0;
    let draws = 0;

    const ports = listeners(await claimed(shop({}), () => first + Math.floor(draws++ / 2))).map(
      ({ port }) => port,
    );

    expect(new Set(ports).size).toBe(7);
  });

  it('stay the same if they are fixed, and are released for their owners', async () => {
    const { port } = (await claimed(shop({}))).mail;

    const { mail } = await claimed(shop({ mail: port }));

    expect(mail.port).toBe(port);
    const owner = createServer().listen(port, '127.0.0.1');
    servers.push(owner);
    await once(owner, 'listening');
  });

  it('are all named with their settings if they are taken', async () => {
    const log = await taken();
    const order = await taken();

    await expect(claimPorts(shop({ log, order }))).rejects.toThrow(
      `port ${log} (broker: BROKER_PORT) is taken; port ${order} (order: ORDER_PORT) is taken. Stop the program that listens there, set another port in the named environment variable (0 means any free port), or move all ports with --base-port, such as 5000`,
    );
  });

  it("include one for the broker's metrics, which moves with a notice if its default is taken", async () => {
    const sidePort = await taken();

    const { definition, notices } = await claimPorts(shop({ sidePort }));

    const metrics = listeners(definition).find(({ label }) => label === 'broker metrics');
    expect(notices).toEqual([`port ${sidePort} is taken: broker metrics moved to port ${metrics?.port}`]);
    expect(metrics?.port).toBeGreaterThanOrEqual(15_000);
  });

  it('include one for operators, which leaves its port to a part that needs it', async () => {
    const free = (await claimed(shop({}))).mail.port;

    const { definition } = await claimPorts(shop({ order: free, mail: free + 900 }));

    expect(definition.mail.port).toBe(free + 900);
    expect(definition.services.order.processes[0].ops.port).not.toBe(free + 900);
  });

  it("are refused if the one for the broker's metrics is taken and the environment sets it", async () => {
    const sidePort = await taken();
    const named = withPorts(shop({}), new Map([['broker metrics', sidePort]]));

    await expect(claimPorts(named)).rejects.toThrow(
      `port ${sidePort} (broker metrics: BROKER_HTTP_PORT) is taken`,
    );
  });

  it('K03 are named with the replica that would take them', async () => {
    const second = await taken();

    await expect(
      claimPorts(
        withScale(shop({ order: second - 100 }), { replicas: new Map([['order', 2]]), split: new Set() }),
      ),
    ).rejects.toThrow(`port ${second} (order-2: ORDER_2_PORT) is taken`);
  });

  it('run out with an error instead of an endless search', async () => {
    const port = await taken();

    await expect(claimPorts(shop({}), () => port)).rejects.toThrow(/^no free port between 15000 and 32000/);
  });
});
