import { afterEach, expect, it } from '@jest/globals';
import { fetch } from '../../protocol/apis/fetch.ts';
import { RecordBatch } from '../../records/record-batch.ts';
import { recordsOf } from '../../records/records.ts';
import { batchOf, brokerFixture, makeTopic, produceBatch, type BrokerFixture } from '../broker.fixture.ts';
import type { WireClient } from '../../protocol/testing/wire-client.ts';

let fixture: BrokerFixture | undefined;
afterEach(async () => {
  await fixture?.stop();
  fixture = undefined;
});

const clients = 8;
const batches = 12;
const sizes = [20, 5_000, 70_000, 300_000, 900_000];

/** A different letter for each client and batch, so that bytes of another one are noticed. */
const valueOf = (client: number, batch: number): string =>
  String.fromCharCode(97 + ((client * 5 + batch) % 26)).repeat(sizes[(client + batch) % sizes.length] ?? 0);

/** Returns every record of the client's partition, fetched in parts of at most a megabyte. */
async function readAll(client: WireClient, partition: number): Promise<readonly string[]> {
  const values: string[] = [];
  while (values.length < batches) {
    const position = { partition, fetchOffset: BigInt(values.length), partitionMaxBytes: 1_048_576 };
    const answer = await client.send(fetch, 12, {
      maxWaitMs: 10_000,
      minBytes: 1,
      topics: [{ topic: 't', partitions: [position] }],
    });
    const records = answer.responses[0]!.partitions[0]!.records!;
    for (let at = 0; at < records.length; at += new RecordBatch(records, at).sizeBytes) {
      const batch = new RecordBatch(records, at);
      expect(batch.computeCrc()).toBe(batch.crc);
      for (const { value } of recordsOf(batch) ?? []) values.push(String(value));
    }
  }
  return values;
}

it('L95 recycled memory never mixes what clients send and read at the same time', async () => {
  fixture = await brokerFixture({ flush: 'commit', limits: { pooledBytesMax: 4_000_000 } });
  await makeTopic(await fixture.client(), 't', {}, clients);
  const read = await Promise.all(
    Array.from({ length: clients }, async (_, index) => {
      const writer = await fixture!.client();
      const reader = await fixture!.client();
      const sent = Array.from({ length: batches }, (_value, batch) => batchOf([valueOf(index, batch)]));
      const reading = readAll(reader, index);
      await Promise.all(sent.map((batch) => produceBatch(writer, { topic: 't', partition: index }, batch)));
      return reading;
    }),
  );
  for (const [index, values] of read.entries())
    expect(values.map((value) => [value[0], value.length, new Set(value).size])).toEqual(
      Array.from({ length: batches }, (_, batch) => [
        valueOf(index, batch)[0],
        valueOf(index, batch).length,
        1,
      ]),
    );
});
