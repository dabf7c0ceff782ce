import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { within } from '@millrace/testing/within';
import { apiVersions } from '../../protocol/apis/handshake.ts';
import { fetch } from '../../protocol/apis/fetch.ts';
import { metadata } from '../../protocol/apis/metadata.ts';
import { silentLogger } from '../../runtime/logger.ts';
import {
  batchOf,
  brokerFixture,
  makeTopic,
  produceBatch,
  type BrokerFixture,
  parkedFetch,
} from '../broker.fixture.ts';
import type { BrokerOptions } from '../broker-settings.ts';
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

/** Reads this many bytes at a time, until it is stopped. */
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

describe('a connection', () => {
  it('reads no further requests from a peer that does not read its answers, and continues when it does', async () => {
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

  it('accepts a single request over its byte limit, and many small ones in turn', async () => {
    const client = await open({ limits: { requestBytesInFlightMax: 10_000, requestsInFlightMax: 3 } });
    await makeTopic(client, 't');
    const large = produceBatch(client, { topic: 't' }, batchOf(['x'.repeat(900_000)]));
    const small = Array.from({ length: 50 }, (_, n) =>
      produceBatch(client, { topic: 't' }, batchOf([`${n}`])),
    );
    const offsets = (await Promise.all([large, ...small])).map(({ baseOffset }) => baseOffset);
    expect(offsets).toEqual(offsets.map((_, n) => BigInt(n)));
  });

  it('L13 is refused over the limit of connections', async () => {
    const warnings: string[] = [];
    await open({
      limits: { connectionsMax: 1 },
      logger: { ...silentLogger, warn: (_, said) => void warnings.push(said) },
    });
    const second = await fixture!.client();
    await second.closed;
    expect(warnings).toEqual(['connection refused: the limit max.connections is reached, with 1 open']);
  });

  it('L13 is closed when the broker would have to hold too many bytes for it', async () => {
    const reasons: unknown[] = [];
    const warn = ({ reason }: object & { reason?: unknown }) => void reasons.push(reason);
    const client = await open({ limits: { receivedBytesMax: 100_000 }, logger: { ...silentLogger, warn } });
    client.socket.write(Buffer.from('00100000', 'hex'));
    client.socket.write(Buffer.alloc(200_000));
    await client.closed;
    expect(reasons).toEqual(['the unanswered requests have reached queued.max.request.bytes']);
    const next = await fixture!.client();
    expect(await next.send(apiVersions, 0, {})).toMatchObject({ errorCode: 0 });
  });

  it("L13 counts the memory of a request's items, not just their bytes, until it is answered", async () => {
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
    expect(reasons).toEqual(['the unanswered requests have reached queued.max.request.bytes']);
    const writer = await fixture!.client();
    await produceBatch(writer, { topic: 't' }, batchOf(['x']));
    await parked;
    const last = parkedFetch(writer, 't', manyItems);
    expect((await last).responses[0]!.partitions[0]!.errorCode).toBe(0);
  });

  it('is closed when idle, but not while a fetch is parked', async () => {
    const client = await open({ limits: { idleMsMax: 1_000 } });
    await makeTopic(client, 't');
    const reader = await fixture!.client();
    const parked = parkedFetch(reader, 't');
    await client.closed;
    const writer = await fixture!.client();
    await produceBatch(writer, { topic: 't' }, batchOf(['x']));
    expect((await parked).responses[0]!.partitions[0]!.errorCode).toBe(0);
  });

  it('is not idle while its peer reads a large answer slowly, but is when the peer reads nothing', async () => {
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
