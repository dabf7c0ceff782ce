import { afterEach, describe, expect, it } from '@jest/globals';
import { ClientError } from './errors/client-error.ts';
import { watchOperations } from './operation-reports.fixture.ts';
import { reportCommit, reportPoll, reportPost, reportProcess, reportSend } from './operation-reports.ts';
import type { FetchedRecord } from './fetched-records.ts';
import type { DeliveryCallback, ProducerRecord, RecordMetadata } from './producer-types.ts';

const client = { clientId: 'shop', bootstrapServers: ['127.0.0.1:9092'] };
const group = { ...client, groupId: 'shipping' };
const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const records: readonly ProducerRecord[] = [
  { topic: 'orders', key: 'k', value: 'ü', headers: { traceparent, kept: 'yes' } },
  { topic: 'mails', key: null, value: null, headers: [['kept', 'too']] },
];
const written = records.map(({ topic }, partition) => ({ topic, partition, offset: 7n }));
const fetched: FetchedRecord = {
  topic: 'orders',
  partition: 1,
  offset: 5n,
  timestampMs: 0,
  key: null,
  value: Buffer.from('x'),
  headers: new Map(),
  headerList: [],
};

const watches: Array<{ stop(): void }> = [];
const watch: typeof watchOperations = (...given) => {
  const watched = watchOperations(...given);
  watches.push(watched);
  return watched;
};
afterEach(() => {
  for (const { stop } of watches.splice(0)) stop();
});

describe('without a subscriber, a client', () => {
  it('Q02 passes the records and promises of its caller on, and creates nothing', async () => {
    const sent: unknown[] = [];
    const answer = Promise.resolve(written);
    const polled = Promise.resolve([]);
    const committed = Promise.resolve();
    const onDelivered = () => undefined;

    expect(reportSend(client, records, (given) => (sent.push(given), answer))).toBe(answer);
    reportPost(client, records, onDelivered, (...given) => sent.push(...given));
    expect(sent).toEqual([records, records, onDelivered]);
    expect(sent[0]).toBe(records);
    expect(sent[1]).toBe(records);
    expect(reportPoll(group, [], () => polled)).toBe(polled);
    expect(reportCommit(group, [], () => committed)).toBe(committed);
    expect(reportProcess(group, fetched)).toBeUndefined();
  });
});

describe('the report of a send', () => {
  it('lets a subscriber set the trace of each record, and has the results at the end', async () => {
    let sent: readonly ProducerRecord[] = [];
    const { ended } = watch('send', (operation) => {
      expect(operation.records[0]).toMatchObject({ topic: 'orders', bodyBytes: 2, traceparent });
      for (const record of operation.records) record.traceparent = `of ${record.topic}`;
    });
    await reportSend(client, records, async (given) => ((sent = given), written));

    expect(ended).toMatchObject([{ ...client, result: written }]);
    expect(sent.map(({ headers }) => headers)).toEqual([
      [
        ['kept', 'yes'],
        ['traceparent', 'of orders'],
      ],
      [
        ['kept', 'too'],
        ['traceparent', 'of mails'],
      ],
    ]);
    expect(records[0]?.headers).toEqual({ traceparent, kept: 'yes' });
  });

  it('has the error of a send that failed', async () => {
    const { ended } = watch('send');
    const error = new ClientError('timeout', 'no answer');
    await expect(reportSend(client, records, () => Promise.reject(error))).rejects.toBe(error);

    expect(ended).toMatchObject([{ error }]);
  });

  it('leaves malformed records to the producer, which rejects them', async () => {
    const { ended } = watch('send');
    const malformed = [null, { topic: 'a', headers: [7] }] as unknown as readonly ProducerRecord[];
    let sent: unknown;
    await reportSend(client, malformed, async (given) => ((sent = given), []));

    expect(sent).toBe(malformed);
    expect(ended).toEqual([]);
  });

  it('ends with the last callback of a post, which receives the records of the caller', () => {
    const { ended } = watch('send');
    const told: unknown[] = [];
    let deliver: DeliveryCallback = () => undefined;
    let sent: readonly ProducerRecord[] = [];
    reportPost(
      client,
      records,
      (error, place, record) => told.push([error?.code, place, record]),
      (given, callback) => {
        sent = given;
        deliver = callback!;
      },
    );
    deliver(undefined, written[1], sent[1]!);
    expect(ended).toEqual([]);
    deliver(undefined, written[0], sent[0]!);

    expect(ended).toMatchObject([{ result: written }]);
    expect(told).toEqual([
      [undefined, written[1], records[1]],
      [undefined, written[0], records[0]],
    ]);
  });

  it('has the first error of a post, and no results', () => {
    const { ended } = watch('send');
    const error = new ClientError('timeout', 'no answer');
    reportPost(client, records, undefined, (sent, callback) => {
      callback?.(error, undefined, sent[0]!);
      callback?.(undefined, written[1] as RecordMetadata, sent[1]!);
    });

    expect(ended).toMatchObject([{ error }]);
    expect(ended[0]).not.toHaveProperty('result');
  });
});
