import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import type { RawMessage } from '@millrace/operations/client';
import { millrace } from '../cli.fixture.ts';
import { newTopic, transactionalProducer, writeMessages } from '../log.fixture.ts';

const timestampMs = 1_000;
const time = '1970-01-01T00:00:01.000Z';

describe('millrace messages --raw', () => {
  let topic: string;
  const producer = transactionalProducer();
  const opener = transactionalProducer();
  const message = (key: string, value: string | null) => ({ topic, key, value, timestampMs, partition: 0 });

  const read = async (...args: readonly string[]): Promise<RawMessage[]> => {
    const { exitCode, out, err } = await millrace(['messages', topic, '--raw', '--json', ...args]);
    if (exitCode !== 0) throw new Error(err);
    return out.split('\n').map((line) => JSON.parse(line) as RawMessage);
  };
  const stateOf = (each: RawMessage) => each.control ?? each.transaction;
  const lines = async (...args: readonly string[]) =>
    (await millrace(['messages', topic, '--raw', ...args])).out.split('\n');

  beforeAll(async () => {
    topic = await newTopic(1);
    await writeMessages([message('plain', '1')], { acks: 1 });
    await writeMessages([message('first', '{"type":"OrderCreated"}'), message('second', null)], {
      compression: 'gzip',
    });
    await producer.transaction((transaction) => transaction.send([message('kept', '2')]));
    const aborted = await producer.begin();
    await aborted.send([message('undone', '3')]);
    await aborted.abort();
    await until(
      () => read(),
      (all) => all.filter(({ control }) => control !== null).length === 2,
    );
    const open = await opener.begin();
    await open.send([
      {
        ...message('undecided', '4'),
        headers: [
          ['trace', 'abc'],
          ['trace', ''],
          ['trace', null],
        ],
      },
    ]);
  });
  afterAll(() => Promise.all([producer.close(), opener.close()]));

  it('shows each record and marker with its batch, producer, codec and transaction', async () => {
    const shown = (await lines()).map((line) =>
      line
        .replaceAll(topic, 'TOPIC')
        .replace(/producer \d+ epoch \d+/, 'producer N epoch N')
        .replace(/\d{4}-\d\d-\d\dT\S+Z/, (at) => (at === time ? 'TIME' : 'NOW')),
    );

    expect(shown).toEqual([
      'TOPIC/0@0  TIME  batch 0-0  no producer  codec none  transaction none  plain',
      'TOPIC/0@1  TIME  batch 1-2  producer N epoch N sequence 0  codec gzip  transaction none  first',
      'TOPIC/0@2  TIME  batch 1-2  producer N epoch N sequence 1  codec gzip  transaction none  second  tombstone',
      'TOPIC/0@3  TIME  batch 3-3  producer N epoch N sequence 0  codec none  transaction committed  kept',
      'TOPIC/0@4  NOW  batch 4-4  producer N epoch N  codec none  control: commit',
      expect.stringContaining('codec none  transaction aborted  undone'),
      'TOPIC/0@6  NOW  batch 6-6  producer N epoch N  codec none  control: abort',
      'TOPIC/0@7  TIME  batch 7-7  producer N epoch N sequence 0  codec none  transaction open  undecided',
    ]);
  });

  it('has the same and the content as JSON', async () => {
    const [plain, first, second, kept, commit] = await read();

    expect(plain).toEqual({
      topic,
      partition: 0,
      offset: 0,
      time,
      baseOffset: 0,
      lastOffset: 0,
      batchBytes: expect.any(Number),
      leaderEpoch: 0,
      producerId: -1,
      producerEpoch: -1,
      sequence: -1,
      codec: 'none',
      timestampType: 'CreateTime',
      transaction: 'none',
      control: null,
      key: 'plain',
      event: {},
      headers: {},
      headerList: [],
      value: 1,
    });
    expect(first).toMatchObject({ offset: 1, sequence: 0, value: { type: 'OrderCreated' } });
    expect(second).toMatchObject({ offset: 2, sequence: 1, value: null });
    expect(commit).toEqual({
      topic,
      partition: 0,
      offset: 4,
      time: expect.any(String),
      baseOffset: 4,
      lastOffset: 4,
      batchBytes: expect.any(Number),
      leaderEpoch: 0,
      producerId: kept!.producerId,
      producerEpoch: expect.any(Number),
      sequence: -1,
      codec: 'none',
      timestampType: 'CreateTime',
      control: 'commit',
      coordinatorEpoch: expect.any(Number),
    });
  });

  it('shows every header on request, also repeated, empty and null ones', async () => {
    expect((await lines('--from', '7', '--headers')).slice(1)).toEqual([
      '  trace: abc',
      '  trace: ',
      '  trace: null',
    ]);
  });

  it.each([
    ['a key, without markers', ['--key', 'undone'], ['aborted']],
    ['a type, without markers', ['--type', 'OrderCreated'], ['none']],
    ['a range that begins and ends within batches', ['--from', '2', '--to', '4'], ['none', 'committed']],
    ['the end beyond the last stable offset', ['--from', '-2'], ['abort', 'open']],
  ])('shows %s', async (_what, args, states) => {
    expect((await read(...args)).map(stateOf)).toEqual(states);
  });

  it('counts markers for the limit, and says so', async () => {
    const { out, err } = await millrace(['messages', topic, '--raw', '--from', '3', '--limit', '2']);

    expect(out.split('\n')).toHaveLength(2);
    expect(err).toContain('ended after 2 messages and markers: --limit sets another number');
  });
});
