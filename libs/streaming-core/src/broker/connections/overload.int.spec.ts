import { afterEach, describe, expect, it } from '@jest/globals';
import { within } from '@millrace/testing/within';
import { apiVersions } from '../../protocol/apis/handshake.ts';
import { fetch } from '../../protocol/apis/fetch.ts';
import { metadata } from '../../protocol/apis/metadata.ts';
import type { WireClient } from '../../protocol/testing/wire-client.ts';
import { batchOf, brokerFixture, makeTopic, produceBatch, type BrokerFixture } from '../broker.fixture.ts';
import type { BrokerLimits } from '../limits.ts';

let fixture: BrokerFixture | undefined;
afterEach(async () => {
  await fixture?.stop();
  fixture = undefined;
});

const said: string[] = [];
const ignore = () => undefined;

async function open(limits: Partial<BrokerLimits>): Promise<WireClient> {
  said.length = 0;
  const warn = (fields: object) => void said.push(String((fields as { reason?: string }).reason));
  fixture = await brokerFixture({ limits, logger: { debug: ignore, info: ignore, warn, error: ignore } });
  return fixture.client();
}

/** A peer that announces a request of a megabyte and sends part of it. */
async function slowPeer(bytes: number): Promise<WireClient> {
  const peer = await fixture!.client();
  await peer.send(apiVersions, 0, {});
  peer.socket.write(Buffer.concat([Buffer.from('00100000', 'hex'), Buffer.alloc(bytes)]));
  return peer;
}

const hello = (client: WireClient) => client.send(apiVersions, 0, {});

describe('L65 a broker at its memory limits', () => {
  it('closes the connection that has taken longest to send a request, and serves the others', async () => {
    const client = await open({ receivedBytesMax: 300_000 });
    const peers = [await slowPeer(90_000), await slowPeer(90_000), await slowPeer(90_000)];
    await makeTopic(client, 't');
    expect(await produceBatch(client, { topic: 't' }, batchOf(['x'.repeat(100_000)]))).toMatchObject({
      errorCode: 0,
    });
    await peers[0]!.closed;
    expect(said).toEqual([expect.stringContaining('took longest to send a request')]);
    await expect(hello(client)).resolves.toMatchObject({ errorCode: 0 });
  });

  it('closes the connection that has gone longest without reading an answer, and serves the others', async () => {
    const client = await open({ unsentBytesTotalMax: 30_000_000 });
    await makeTopic(client, 't');
    for (let count = 0; count < 8; count += 1)
      await produceBatch(client, { topic: 't' }, batchOf(['x'.repeat(1_000_000)]));
    const stuck: WireClient[] = [];
    for (let count = 0; count < 8; count += 1) {
      const peer = await fixture!.client();
      stuck.push(peer);
      await hello(peer);
      peer.socket.pause();
      void fetchAll(peer).catch(ignore);
      await hello(client); // one at a time, to know which was first
    }
    await within(20_000)(() => said.length > 0, 'a connection to be closed');
    expect(new Set(said)).toEqual(
      new Set([expect.stringContaining('has gone longest without reading an answer')]),
    );
    stuck[0]!.socket.resume();
    await stuck[0]!.closed;
    expect(await fetchAll(client)).toBeGreaterThan(7_000_000);
  });

  it('L97 reads for as many simultaneous polls as there is room for, and for the rest with the next records', async () => {
    const client = await open({ unsentBytesTotalMax: 5_000_000 });
    await makeTopic(client, 't');
    for (let count = 0; count < 2; count += 1)
      await produceBatch(client, { topic: 't' }, batchOf(['x'.repeat(1_000_000)]));
    const answered: number[] = [];
    const polls: Array<Promise<unknown>> = [];
    for (let count = 0; count < 6; count += 1) {
      const poller = await fixture!.client();
      await hello(poller);
      polls.push(fetchAll(poller, { minBytes: 2_001_000 }).then((bytes) => answered.push(bytes)));
    }
    await hello(client);
    await produceBatch(client, { topic: 't' }, batchOf(['y'.repeat(1_000)]));
    await within(20_000)(() => answered.length >= 3);
    for (let count = 0; count < 5; count += 1) await hello(client);
    expect(answered).toHaveLength(3);
    await produceBatch(client, { topic: 't' }, batchOf(['z'.repeat(1_000)]));
    await Promise.all(polls);
    expect(answered.filter((bytes) => bytes > 2_001_000)).toHaveLength(6);
  });

  it('limits the connections from one address, and accepts another when one of them ends', async () => {
    const client = await open({ connectionsPerAddressMax: 2 });
    const second = await fixture!.client();
    await (
      await fixture!.client()
    ).closed;
    await expect(hello(second)).resolves.toMatchObject({ errorCode: 0 });
    second.close();
    await second.closed;
    await client.send(metadata, 9, { topics: [] });
    await expect(hello(await fixture!.client())).resolves.toMatchObject({ errorCode: 0 });
  });
});

/** Fetches everything and returns the size of the answer. */
async function fetchAll(client: WireClient, { minBytes = 1 } = {}): Promise<number> {
  const partitions = [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 8_000_000 }];
  const { responses } = await client.send(fetch, 12, {
    maxWaitMs: 60_000,
    minBytes,
    topics: [{ topic: 't', partitions }],
  });
  return responses[0]!.partitions[0]!.records!.length;
}
