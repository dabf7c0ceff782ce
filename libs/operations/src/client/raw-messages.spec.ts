import { describe, expect, it } from '@jest/globals';
import type { FetchedRecord, RawBatch, RawPartition } from '@millrace/streaming-core/client';
import { readRawMessages, type RawMessage } from './raw-messages.ts';

const place = { topic: 'orders', partition: 0 };
const sequenceMax = 2 ** 31 - 1;

const header = {
  baseOffset: 10n,
  lastOffset: 12n,
  leaderEpoch: 4,
  producerId: 7n,
  producerEpoch: 1,
  baseSequence: -1,
  codec: 'none',
  timestampType: 'CreateTime',
  isTransactional: true,
  sizeBytes: 100,
} as const;

const record = (offset: bigint): FetchedRecord => ({
  ...place,
  offset,
  timestampMs: 0,
  key: null,
  value: null,
  headers: new Map([['h', '']]),
  headerList: [
    { name: 'h', value: Buffer.from([0xff]) },
    { name: 'h', value: null },
  ],
});

async function read(batch: RawBatch, to: bigint) {
  const page: RawPartition = { ...place, batches: [batch], nextOffset: 13n, highWatermark: 13n };
  const messages = readRawMessages(
    { fetchRaw: () => Promise.resolve([page]) },
    {
      from: [{ ...place, offset: 10n, end: to }],
      signal: new AbortController().signal,
    },
  );
  const all: RawMessage[] = [];
  for await (const message of messages) all.push(message);
  return all;
}

describe('raw messages', () => {
  it('continue the sequence at 0 after the largest', async () => {
    const records = [10n, 11n, 12n].map(record);
    const batch = {
      ...header,
      baseSequence: sequenceMax - 1,
      transaction: 'open',
      isControl: false,
    } as const;

    const messages = await read({ ...batch, records }, 13n);

    expect(messages.map(({ sequence }) => sequence)).toEqual([sequenceMax - 1, sequenceMax, 0]);
  });

  it('end within a batch', async () => {
    const records = [10n, 11n, 12n].map(record);

    const messages = await read({ ...header, transaction: 'open', isControl: false, records }, 12n);

    expect(messages.map(({ offset }) => offset)).toEqual([10n, 11n]);
  });

  it('have every header, in base64 if it is not text', async () => {
    const batch = { ...header, transaction: 'open', isControl: false, records: [record(10n)] } as const;

    const [message] = await read(batch, 13n);

    expect(message).toMatchObject({
      headerList: [
        { name: 'h', value: 'base64:/w==' },
        { name: 'h', value: null },
      ],
    });
  });

  it('leave out a control batch without a marker', async () => {
    expect(await read({ ...header, isControl: true }, 13n)).toEqual([]);
  });
});
