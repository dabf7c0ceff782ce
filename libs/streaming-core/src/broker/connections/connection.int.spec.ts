import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { within } from '@millrace/testing/within';
import { apiVersions } from '../../protocol/apis/handshake.ts';
import { describeGroups, heartbeat, joinGroup, leaveGroup } from '../../protocol/apis/groups.ts';
import { fetch } from '../../protocol/apis/fetch.ts';
import { errorCodes } from '../../protocol/errors.ts';
import { encodeRequest } from '../../protocol/frames/frame.ts';
import {
  batchOf,
  brokerFixture,
  makeTopic,
  produceBatch,
  type BrokerFixture,
  parkedFetch,
} from '../broker.fixture.ts';
import type { BrokerOptions } from '../broker-settings.ts';
import { startBroker } from '../start-broker.ts';
import type { WireClient } from '../../protocol/testing/wire-client.ts';

const until = within(20_000);
let fixture: BrokerFixture | undefined;
afterEach(async () => {
  await fixture?.stop();
  fixture = undefined;
});

async function open(options: Partial<BrokerOptions> = {}): Promise<WireClient> {
  fixture = await brokerFixture(options);
  return fixture.client();
}

/** Sends the second member's JoinGroup, which waits for the first member to rejoin. */
async function parkedJoin(first: WireClient, second: WireClient) {
  const member = {
    groupId: 'g',
    sessionTimeoutMs: 30_000,
    rebalanceTimeoutMs: 30_000,
    memberId: '',
    protocolType: 'consumer',
  };
  const join = (client: WireClient) =>
    client.send(joinGroup, 3, { ...member, protocols: [{ name: 'range', metadata: Buffer.alloc(0) }] });
  await join(first);
  return join(second);
}

/**
 * Resolves when the group rebalances with both members. The first member alone is in the same state
 * during the initial delay.
 */
const whenRebalancing = (client: WireClient): Promise<void> =>
  until(async () => {
    const { groups } = await client.send(describeGroups, 5, { groups: ['g'] });
    return groups[0]?.groupState === 'PreparingRebalance' && groups[0].members.length === 2;
  }, 'the second member to join');

describe('ApiVersions', () => {
  it.each([0, 1, 2, 3, 4])('v%i lists the served APIs by key, with Produce from 0', async (version) => {
    const client = await open();
    const { apiKeys, errorCode } = await client.send(apiVersions, version, {
      clientSoftwareName: 'x',
      clientSoftwareVersion: '1.0',
    });
    expect(errorCode).toBe(0);
    expect(apiKeys[0]).toMatchObject({ apiKey: 0, minVersion: 0 });
    expect(apiKeys).toContainEqual({ apiKey: 12, minVersion: 0, maxVersion: 4 });
    expect(apiKeys).toContainEqual({ apiKey: 18, minVersion: 0, maxVersion: 4 });
    const keys = apiKeys.map(({ apiKey }) => apiKey);
    expect(keys).toEqual([...keys].sort((a, b) => a - b));
  });

  it('in a newer version is answered in v0 with UNSUPPORTED_VERSION, and the connection stays open', async () => {
    const client = await open();
    const answer = await client.raw(Buffer.from('0000000d00120009000000070002636c00', 'hex'));
    expect(answer.toString('hex')).toBe('00000007' + '0023' + '00000001' + '001200000004');
    expect(await client.send(apiVersions, 0, {})).toMatchObject({ errorCode: 0 });
  });

  it('rejects invalid client software names', async () => {
    const client = await open();
    const { errorCode } = await client.send(apiVersions, 3, {
      clientSoftwareName: '-x',
      clientSoftwareVersion: '1',
    });
    expect(errorCode).toBe(errorCodes.INVALID_REQUEST);
  });
});

describe('a connection', () => {
  it.each([
    ['a frame over the limit', '7fffffff'],
    ['a negative frame size', 'ffffffff'],
    ['an unknown API key', '0000000a 0063 0000 00000001 ffff'],
    ['an unsupported version', '0000000a 000c 0009 00000001 ffff'],
    ['a truncated body', '0000000a 000c 0000 00000001 ffff'],
    ['an array that does not fit into its frame', '0000000e 0003 0001 00000001 ffff 7fffffff'],
  ])('is closed by %s', async (_what, hex) => {
    const client = await open();
    await expect(client.raw(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).rejects.toThrow('closed');
  });

  it.each([
    ['a frame over the limit', '7fffffff'],
    ['an unknown API key', '0000000a 0063 0000 00000001 ffff'],
  ])('is closed by %s once earlier requests are answered', async (_what, hex) => {
    const client = await open({ flush: 'commit' });
    await makeTopic(client, 't');
    const written = produceBatch(client, { topic: 't' }, batchOf(['a']));
    const parked = client.send(fetch, 12, {
      maxWaitMs: 1_000,
      minBytes: 1_000_000,
      topics: [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1_000_000 }] }],
    });
    const closed = expect(client.raw(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).rejects.toThrow('closed');
    expect(await written).toMatchObject({ errorCode: 0, baseOffset: 0n });
    expect((await parked).responses[0]?.partitions[0]).toMatchObject({ errorCode: 0, highWatermark: 1n });
    await closed;
  });

  it('is closed after an answer that its peer reads slowly, not in the middle of it', async () => {
    const client = await open({ limits: { unsentBytesMax: 100_000_000 } });
    await makeTopic(client, 't');
    for (let offset = 0; offset < 8; offset += 1)
      await produceBatch(client, { topic: 't' }, batchOf(['x'.repeat(1_000_000)]));
    const wanted = client.send(fetch, 12, {
      maxWaitMs: 0,
      minBytes: 1,
      maxBytes: 50_000_000,
      topics: [
        { topic: 't', partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 50_000_000 }] },
      ],
    });
    const closed = expect(client.raw(Buffer.from('7fffffff', 'hex'))).rejects.toThrow('closed');
    expect((await wanted).responses[0]?.partitions[0]?.records?.length).toBeGreaterThan(8_000_000);
    await closed;
  });

  it('accepts a frame byte by byte', async () => {
    const client = await open();
    const frame = Buffer.concat([...encodeRequest(apiVersions, 0, { correlationId: 5, clientId: null }, {})]);
    const answer = client.raw(frame.subarray(0, 1));
    for (const byte of frame.subarray(1)) client.socket.write(Buffer.of(byte));
    expect((await answer).readInt32BE(0)).toBe(5);
  });

  it('answers in order, even behind a parked fetch', async () => {
    const client = await open();
    await makeTopic(client, 't');
    const order: string[] = [];
    const parked = parkedFetch(client, 't').then(() => order.push('fetch'));
    const beat = client
      .send(heartbeat, 4, { groupId: 'g', generationId: 1, memberId: 'm' })
      .then(({ errorCode }) => order.push(`heartbeat ${errorCode}`));
    const other = await fixture!.client();
    await produceBatch(other, { topic: 't' }, batchOf(['x']));
    await Promise.all([parked, beat]);
    expect(order).toEqual(['fetch', `heartbeat ${errorCodes.UNKNOWN_MEMBER_ID}`]);
  });

  it.each([
    ['closes', (socket: Socket) => socket.end()],
    ['resets', (socket: Socket) => socket.resetAndDestroy()],
  ])(
    'L99 serves the requests that came before its peer %s it, even behind a request in progress',
    async (_how, close) => {
      const client = await open();
      await makeTopic(client, 't');
      const member = {
        groupId: 'g',
        sessionTimeoutMs: 30_000,
        rebalanceTimeoutMs: 30_000,
        memberId: '',
        protocolType: 'consumer',
      };
      const { memberId } = await client.send(joinGroup, 3, {
        ...member,
        protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
      });
      const lost = Promise.allSettled([
        parkedFetch(client, 't'),
        client.send(leaveGroup, 1, { groupId: 'g', memberId }),
      ]);
      close(client.socket);
      await lost;
      const other = await fixture!.client();
      await until(
        async () => (await other.send(describeGroups, 5, { groups: ['g'] })).groups[0]!.members.length === 0,
        'the member to have left',
      );
      await until(() => fixture!.broker.statistics().connections === 1, 'the connection to be closed');
    },
  );
});

describe('closing the broker', () => {
  it('answers parked fetches and joins, closes every connection, and releases the port and the folder', async () => {
    const client = await open();
    await makeTopic(client, 't');
    const reader = await fixture!.client();
    const parked = parkedFetch(reader, 't');
    const joining = parkedJoin(await fixture!.client(), await fixture!.client());
    await whenRebalancing(client);
    const { broker, dataFolder } = fixture!;
    await broker.close();
    expect(await joining).toMatchObject({ errorCode: errorCodes.NOT_COORDINATOR });
    expect((await parked).responses[0]!.partitions[0]).toMatchObject({
      errorCode: 0,
      records: Buffer.alloc(0),
    });
    await Promise.all([client.closed, reader.closed]);
    const again = await startBroker({ dataFolder, port: broker.port });
    expect(again.clusterId).toBe(broker.clusterId);
    await again.close();
  });
});
