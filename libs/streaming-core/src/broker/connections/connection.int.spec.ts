import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { within } from '@millrace/testing/within';
import { apiVersions } from '../../protocol/apis/api-versions.ts';
import { describeGroups } from '../../protocol/apis/describe-groups.ts';
import { fetch } from '../../protocol/apis/fetch.ts';
import { heartbeat } from '../../protocol/apis/heartbeat.ts';
import { joinGroup } from '../../protocol/apis/join-group.ts';
import { leaveGroup } from '../../protocol/apis/leave-group.ts';
import { metadata } from '../../protocol/apis/metadata.ts';
import { errorCodes } from '../../protocol/errors.ts';
import { encodeRequest } from '../../protocol/frames/frame.ts';
import { silentLogger } from '../../runtime/logger.ts';
import { batchOf, brokerFixture, makeTopic, produceBatch, type BrokerFixture } from '../broker.fixture.ts';
import type { BrokerOptions } from '../broker-settings.ts';
import { startBroker } from '../start-broker.ts';
import type { WireClient } from '../../protocol/testing/wire-client.ts';

const until = within(10_000);
let fixture: BrokerFixture | undefined;
afterEach(async () => {
  await fixture?.stop();
  fixture = undefined;
});

async function open(options: Partial<BrokerOptions> = {}): Promise<WireClient> {
  fixture = await brokerFixture(options);
  return fixture.client();
}

const parkedFetch = (
  client: WireClient,
  topic: string,
  forgottenTopicsData: { topic: string; partitions: number[] }[] = [],
) =>
  client.send(fetch, 12, {
    maxWaitMs: 60_000,
    minBytes: 1,
    forgottenTopicsData,
    topics: [{ topic, partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1_000 }] }],
  });

/** The second member's join, which waits for the first to join again. */
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

/** With both members: the first one alone is in the same state while others may still come. */
const whenRebalancing = (client: WireClient): Promise<void> =>
  until(async () => {
    const { groups } = await client.send(describeGroups, 5, { groups: ['g'] });
    return groups[0]?.groupState === 'PreparingRebalance' && groups[0].members.length === 2;
  }, 'the second member to join');

/** So many bytes at a time, until it is called off. */
function readSlowly(
  socket: Socket,
  { bytes, everyMs }: { readonly bytes: number; readonly everyMs: number },
): () => void {
  let allowed = 0;
  const count = (chunk: Buffer) => {
    allowed -= chunk.length;
    if (allowed <= 0) socket.pause();
  };
  socket.on('data', count);
  const timer = setInterval(() => {
    allowed = bytes;
    socket.resume();
  }, everyMs);
  return () => {
    clearInterval(timer);
    socket.off('data', count).resume();
  };
}

describe('ApiVersions', () => {
  it.each([0, 1, 2, 3, 4])('v%i lists what is served, by key, Produce from 0 on', async (version) => {
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

  it('of a newer client is answered in v0 with UNSUPPORTED_VERSION, and the connection lives', async () => {
    const client = await open();
    const answer = await client.raw(Buffer.from('0000000d00120009000000070002636c00', 'hex'));
    expect(answer.toString('hex')).toBe('00000007' + '0023' + '00000001' + '001200000004');
    expect(await client.send(apiVersions, 0, {})).toMatchObject({ errorCode: 0 });
  });

  it('refuses names that no client has', async () => {
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
    ['a frame beyond the limit', '7fffffff'],
    ['a negative frame size', 'ffffffff'],
    ['a key that is not served', '0000000a 0063 0000 00000001 ffff'],
    ['a version that is not served', '0000000a 000c 0009 00000001 ffff'],
    ['a body that is cut short', '0000000a 000c 0000 00000001 ffff'],
    ['an array larger than its frame', '0000000e 0003 0001 00000001 ffff 7fffffff'],
  ])('is closed by %s', async (_what, hex) => {
    const client = await open();
    await expect(client.raw(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).rejects.toThrow('closed');
  });

  it.each([
    ['a frame beyond the limit', '7fffffff'],
    ['a key that is not served', '0000000a 0063 0000 00000001 ffff'],
  ])('is closed by %s after what came before it was answered', async (_what, hex) => {
    const client = await open({ flush: 'commit' });
    await makeTopic(client, 't');
    const written = produceBatch(client, { topic: 't' }, batchOf(['a']));
    const parked = client.send(fetch, 12, {
      maxWaitMs: 50,
      minBytes: 1_000_000,
      topics: [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1_000_000 }] }],
    });
    const closed = expect(client.raw(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).rejects.toThrow('closed');
    expect(await written).toMatchObject({ errorCode: 0, baseOffset: 0n });
    expect((await parked).responses[0]?.partitions[0]).toMatchObject({ errorCode: 0, highWatermark: 1n });
    await closed;
  });

  it('is closed after an answer that its peer takes slowly, and not in the middle of it', async () => {
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

  it('takes a frame byte by byte', async () => {
    const client = await open();
    const frame = Buffer.concat([...encodeRequest(apiVersions, 0, { correlationId: 5, clientId: null }, {})]);
    const answer = client.raw(frame.subarray(0, 1));
    for (const byte of frame.subarray(1)) client.socket.write(Buffer.of(byte));
    expect((await answer).readInt32BE(0)).toBe(5);
  });

  it('answers in order, also behind a parked fetch', async () => {
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
  ])('serves what came before its peer %s it, also behind a request in progress', async (_how, close) => {
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
    await until(() => fixture!.broker.statistics().connections === 1, 'the connection to be gone');
  });

  it('takes no more requests from a peer that does not read its answers, and goes on when it does', async () => {
    const client = await open({ limits: { unsentBytesMax: 50_000 } });
    await makeTopic(client, 't');
    await produceBatch(client, { topic: 't' }, batchOf(['x'.repeat(900_000)]));
    client.socket.pause();
    const fetches = Array.from({ length: 120 }, () => parkedFetch(client, 't'));
    const other = await fixture!.client();
    const heldBefore = process.memoryUsage().arrayBuffers;
    for (let round = 0; round < 20; round += 1) await other.send(metadata, 9, { topics: [] });
    expect(process.memoryUsage().arrayBuffers - heldBefore).toBeLessThan(20_000_000);
    client.socket.resume();
    const sizes = (await Promise.all(fetches)).map(
      ({ responses }) => responses[0]!.partitions[0]!.records!.length > 900_000,
    );
    expect(sizes).toEqual(sizes.map(() => true));
  });

  it('takes a single request beyond its limit of bytes in flight, and a crowd of small ones in turn', async () => {
    const client = await open({ limits: { requestBytesInFlightMax: 10_000, requestsInFlightMax: 3 } });
    await makeTopic(client, 't');
    const large = produceBatch(client, { topic: 't' }, batchOf(['x'.repeat(900_000)]));
    const small = Array.from({ length: 50 }, (_, n) =>
      produceBatch(client, { topic: 't' }, batchOf([`${n}`])),
    );
    const offsets = (await Promise.all([large, ...small])).map(({ baseOffset }) => baseOffset);
    expect(offsets).toEqual(offsets.map((_, n) => BigInt(n)));
  });

  it('is refused beyond the limit of connections', async () => {
    const warnings: string[] = [];
    await open({
      limits: { connectionsMax: 1 },
      logger: { ...silentLogger, warn: (_, said) => void warnings.push(said) },
    });
    const second = await fixture!.client();
    await second.closed;
    expect(warnings).toEqual(['connection refused: 1 are open, as many as max.connections allows']);
  });

  it('is closed when it asks the broker to hold too many bytes', async () => {
    const reasons: unknown[] = [];
    const warn = ({ reason }: object & { reason?: unknown }) => void reasons.push(reason);
    const client = await open({ limits: { receivedBytesMax: 100_000 }, logger: { ...silentLogger, warn } });
    client.socket.write(Buffer.from('00100000', 'hex'));
    client.socket.write(Buffer.alloc(200_000));
    await client.closed;
    expect(reasons).toEqual(['the broker holds as many unanswered bytes as queued.max.request.bytes allows']);
    const next = await fixture!.client();
    expect(await next.send(apiVersions, 0, {})).toMatchObject({ errorCode: 0 });
  });

  it('holds what the items of its requests take in memory, not their bytes alone, until it is answered', async () => {
    const reasons: unknown[] = [];
    const warn = ({ reason }: object & { reason?: unknown }) => void reasons.push(reason);
    const client = await open({ limits: { receivedBytesMax: 600_000 }, logger: { ...silentLogger, warn } });
    await makeTopic(client, 't');
    const manyItems = Array.from({ length: 3_000 }, () => ({ topic: '', partitions: [] }));
    const before = fixture!.broker.statistics().bytesReceived;
    const parked = parkedFetch(client, 't', manyItems);
    await until(
      () => fixture!.broker.statistics().bytesReceived - before > 3 * manyItems.length,
      'the fetch to be parked',
    );
    const another = await fixture!.client();
    await expect(parkedFetch(another, 't', manyItems)).rejects.toThrow('closed');
    expect(reasons).toEqual(['the broker holds as many unanswered bytes as queued.max.request.bytes allows']);
    const writer = await fixture!.client();
    await produceBatch(writer, { topic: 't' }, batchOf(['x']));
    await parked;
    const last = parkedFetch(writer, 't', manyItems);
    expect((await last).responses[0]!.partitions[0]!.errorCode).toBe(0);
  });

  it('is closed when idle, but not while a fetch is parked', async () => {
    const client = await open({ limits: { idleMsMax: 200 } });
    await makeTopic(client, 't');
    const reader = await fixture!.client();
    const parked = parkedFetch(reader, 't');
    await client.closed;
    const writer = await fixture!.client();
    await produceBatch(writer, { topic: 't' }, batchOf(['x']));
    expect((await parked).responses[0]!.partitions[0]!.errorCode).toBe(0);
  });

  it('is not idle while its peer takes a large answer slowly, and is when he takes nothing', async () => {
    const client = await open({ limits: { idleMsMax: 1_500 } });
    const topics = ['a', 'b', 'c', 'd'];
    for (const topic of topics) {
      await makeTopic(client, topic);
      for (let batch = 0; batch < 9; batch += 1)
        await produceBatch(client, { topic }, batchOf(['x'.repeat(900_000)]));
    }
    const wanted = topics.map((topic) => ({
      topic,
      partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 10_000_000 }],
    }));
    const reader = await fixture!.client();
    const answer = reader.send(fetch, 12, {
      maxWaitMs: 0,
      minBytes: 1,
      maxBytes: 50_000_000,
      topics: wanted,
    });
    const stopReading = readSlowly(reader.socket, { bytes: 300_000, everyMs: 40 });
    const { responses } = await answer.finally(stopReading);
    const sizes = responses.map(({ partitions }) => partitions[0]!.records!.length);
    expect(sizes).toEqual(topics.map(() => expect.closeTo(8_100_000, -6)));
    const stuck = await fixture!.client();
    stuck.socket.pause();
    const left = stuck.send(fetch, 12, { maxWaitMs: 0, minBytes: 1, maxBytes: 50_000_000, topics: wanted });
    await until(() => fixture!.broker.statistics().connections === 0, 'all connections to be closed');
    stuck.socket.resume();
    await expect(left).rejects.toThrow('closed');
  });
});

describe('closing the broker', () => {
  it('answers parked fetches and joins, closes every connection, and frees port and folder', async () => {
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

describe('starting a broker', () => {
  it('says which port is taken, and leaves the data folder free', async () => {
    await open();
    const dataFolder = await mkdtemp(join(tmpdir(), `millrace-${randomUUID()}`));
    const { port } = fixture!.broker;
    await expect(startBroker({ dataFolder, port })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringContaining(`port ${port} on 127.0.0.1 is taken`),
    });
    const other = await startBroker({ dataFolder, port: 0 });
    await other.close();
    await rm(dataFolder, { recursive: true });
  });

  it('refuses a data folder that a live broker uses', async () => {
    await open();
    await expect(startBroker({ dataFolder: fixture!.dataFolder, port: 0 })).rejects.toThrow(/in use/);
  });

  it('says that it cannot use a data folder', async () => {
    const dataFolder = join(import.meta.filename, 'no-folder');
    await expect(startBroker({ dataFolder, port: 0 })).rejects.toMatchObject({
      code: 'DATA_FOLDER_UNUSABLE',
      message: expect.stringMatching(
        /no-folder cannot be used .* choose a folder that this user can write to/,
      ),
    });
  });

  it('tells clients the address to advertise, where another one is mapped to it', async () => {
    const other = await brokerFixture({ advertisedHost: 'broker.example.org', advertisedPort: 19_092 });
    const { brokers } = await (await other.client()).send(metadata, 12, { topics: [] });
    expect(brokers).toMatchObject([{ host: 'broker.example.org', port: 19_092 }]);
    expect(other.broker.port).not.toBe(19_092);
    await other.stop();
  });

  it('asks for an address to advertise when it listens on every one', async () => {
    const dataFolder = join(tmpdir(), `millrace-${randomUUID()}`);
    const code = 'ADVERTISED_HOST_MISSING';
    await expect(startBroker({ dataFolder, host: '0.0.0.0', port: 0 })).rejects.toMatchObject({ code });
    await expect(startBroker({ dataFolder, port: 0, advertisedHost: '0.0.0.0' })).rejects.toMatchObject({
      code,
    });
  });
});
