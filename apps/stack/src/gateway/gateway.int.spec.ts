import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { startGateway, type Gateway, type GatewayOptions } from './gateway.ts';

const port = 0;
const servers: Server[] = [];
const gateways: Gateway[] = [];
afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.stop()));
  servers.splice(0).forEach((server) => server.close());
});

/**
 * Starts a replica that answers with its address and what it was sent. Every address in 127.0.0.0/8
 * belongs to this machine.
 */
async function replica(address: string, at = port): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    void text(socket).then((said) => socket.end(`${address} heard ${said}`));
  });
  servers.push(server.listen(at, address));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function gatewayTo(
  targetPort: number,
  addresses: () => readonly string[],
  options: Partial<GatewayOptions> = {},
): Promise<number> {
  const gateway = await startGateway({
    host: '127.0.0.1',
    routes: [{ port, target: { host: 'inventory', port: targetPort } }],
    addressesOf: async () => addresses(),
    logger: silentLogger,
    ...options,
  });
  gateways.push(gateway);
  return gateway.ports[0] ?? 0;
}

async function say(gatewayPort: number, words: string): Promise<string> {
  const socket = connect(gatewayPort, '127.0.0.1').on('error', () => undefined);
  socket.end(words);
  return text(socket).catch(() => '');
}

describe('the gateway', () => {
  it('spreads connections over the addresses that the name has at that moment', async () => {
    const target = await replica('127.0.0.1');
    await replica('127.0.0.2', target);
    const addresses = ['127.0.0.1'];
    const gateway = await gatewayTo(target, () => addresses);

    expect(await say(gateway, 'one')).toBe('127.0.0.1 heard one');
    addresses.push('127.0.0.2');
    const heard = [
      await say(gateway, 'two'),
      await say(gateway, 'two'),
      await say(gateway, 'two'),
      await say(gateway, 'two'),
    ];
    expect(heard.toSorted()).toEqual([
      '127.0.0.1 heard two',
      '127.0.0.1 heard two',
      '127.0.0.2 heard two',
      '127.0.0.2 heard two',
    ]);
  });

  it('skips an address where nothing listens', async () => {
    const target = await replica('127.0.0.3');
    const gateway = await gatewayTo(target, () => ['127.0.0.2', '127.0.0.3']);

    for (const words of ['one', 'two', 'three'])
      expect(await say(gateway, words)).toBe(`127.0.0.3 heard ${words}`);
  });

  it('disconnects a client that it cannot pass on, and keeps working', async () => {
    const target = await replica('127.0.0.1');
    const addresses: string[] = [];
    const gateway = await gatewayTo(target, () => addresses);

    expect(await say(gateway, 'too early')).toBe('');
    addresses.push('127.0.0.1');
    expect(await say(gateway, 'now')).toBe('127.0.0.1 heard now');
  });

  it('limits the number of connections', async () => {
    const target = await replica('127.0.0.1');
    const gateway = await gatewayTo(target, () => ['127.0.0.1'], { connectionsMax: 1 });
    const first = connect(gateway, '127.0.0.1');
    await once(first, 'connect');

    expect(await say(gateway, 'one too many')).toBe('');
    first.end('the first');
    expect(await text(first)).toBe('127.0.0.1 heard the first');
  });

  it('stops even if a client stays connected', async () => {
    const target = await replica('127.0.0.1');
    const idle = connect(await gatewayTo(target, () => ['127.0.0.1']), '127.0.0.1').on(
      'error',
      () => undefined,
    );
    await once(idle, 'connect');
    const closed = once(idle, 'close');

    await gateways[0]?.stop();

    await closed;
  });
});
