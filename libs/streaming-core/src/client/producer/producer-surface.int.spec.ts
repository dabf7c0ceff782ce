import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { silentLogger } from '../../runtime/index.ts';
import { produce } from '../../protocol/apis/produce.ts';
import { seenRequests } from '../seen-requests.fixture.ts';
import type { ProducerOptions } from './producer-settings.ts';
import { connectProducer } from './producer.ts';
import { startScriptedBroker, type Script } from './scripted-broker.fake.ts';

const closes: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closes.splice(0).reverse()) await close();
});

async function scripted(options: Partial<ProducerOptions> = {}, judge: Script['judge'] = () => 'NONE') {
  const script: Script = { topic: 'orders', partitions: 2, topicId: randomUUID(), judge };
  const broker = await startScriptedBroker(script);
  const place = { bootstrapServers: broker.bootstrapServers, clientId: 'surface', logger: silentLogger };
  const producer = connectProducer({ ...place, retryDelayMsMin: 1, retryDelayMsMax: 5, ...options });
  closes.push(broker.close, () => producer.close());
  const record = (value: string, partition = 0) => ({ topic: 'orders', key: null, value, partition });
  const batches = () => broker.seen.map(({ values }) => values.join(','));
  return { script, broker, producer, record, batches };
}

describe('a batching producer', () => {
  it('fills a batch for lingerMs, and sends it earlier once it is full or flushed', async () => {
    const { producer, record, batches } = await scripted({ lingerMs: 60_000, batchBytesMax: 150 });
    producer.post([record('a')]);
    await producer.flush();
    for (const value of ['b', 'c', 'd', 'e']) producer.post([record(value)]);
    await until(batches, (seen) => seen.length === 2);

    expect(batches()).toEqual(['a', 'b,c,d']);
    await producer.flush();
    expect(batches()).toEqual(['a', 'b,c,d', 'e']);
  });

  it('writes a lone record before the tick of its call has ended', async () => {
    const { producer, record } = await scripted();
    await producer.send([record('first')]);
    let sending: Promise<unknown> | undefined;

    const requests = await seenRequests([produce], async () => {
      sending = producer.send([record('lone')]);
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    });

    expect(requests).toHaveLength(1);
    await sending;
  });

  it('calls the callback of post once per record, with its offset or its error, and counts failures', async () => {
    const { producer, record } = await scripted({}, ({ partition }) =>
      partition === 0 ? 'NONE' : 'POLICY_VIOLATION',
    );
    const told: string[] = [];
    producer.post(
      [record('a'), record('b', 1), record('c'), { ...record('d'), topic: 'a/b' }],
      (error, written, { value }) => told.push(`${String(value)} ${error ? error.code : written?.partition}`),
    );
    expect(told).toEqual([]);
    await producer.flush();

    expect(told.sort()).toEqual(['a 0', 'b broker_error', 'c 0', 'd record_invalid']);
    expect(producer.undelivered).toBe(2);
  });

  it('continues if a callback throws', async () => {
    const { producer, record, batches } = await scripted();
    producer.post([record('a'), record('b')], () => {
      throw new Error('of the application');
    });
    await producer.flush();
    await producer.send([record('c')]);

    expect(batches()).toEqual(['a,b', 'c']);
  });

  it('does not wait for an answer with acks 0, and sends no producer id', async () => {
    const { producer, record, broker } = await scripted({ acks: 0 });

    await expect(producer.send([record('a')])).resolves.toEqual([
      { topic: 'orders', partition: 0, offset: -1n },
    ]);
    await until(
      () => broker.seen.length,
      (seen) => seen === 1,
    );
    expect(broker.seen[0]).toMatchObject({ producer: '-1/-1', sequence: -1, values: ['a'] });
  });

  it('repeats a batch with acks 1 as often as retries says', async () => {
    const { producer, record, batches } = await scripted(
      { acks: 1, retries: 2 },
      () => 'NOT_LEADER_OR_FOLLOWER',
    );

    await expect(producer.send([record('a')])).rejects.toMatchObject({ code: 'unreachable' });
    expect(batches()).toEqual(['a', 'a', 'a']);
  });

  it('L43 withdraws the records of an aborted send that were not sent yet', async () => {
    const { producer, record, batches } = await scripted({ lingerMs: 60_000 });
    await Promise.all([producer.send([record('known')]), producer.flush()]);
    const controller = new AbortController();
    const aborted = producer.send([record('a')], { signal: controller.signal });
    const kept = producer.send([record('b')]);
    controller.abort();

    await expect(aborted).rejects.toMatchObject({
      code: 'aborted',
      message: expect.stringContaining('1 records are not on the log'),
    });
    await expect(producer.send([record('c')], { signal: controller.signal })).rejects.toMatchObject({
      code: 'aborted',
    });
    await Promise.all([kept, producer.flush()]);
    expect(batches()).toEqual(['known', 'b']);
  });

  it('L43 says that records in flight may be on the log if their send is aborted', async () => {
    const { producer, record, script, broker } = await scripted();
    await producer.send([record('known')]);
    let release = () => {};
    script.held = new Promise((resolve) => (release = resolve));
    const controller = new AbortController();
    const aborted = producer.send([record('a')], { signal: controller.signal });
    await until(
      () => broker.received,
      (received) => received === 2,
    );
    controller.abort();

    await expect(aborted).rejects.toMatchObject({
      message: expect.stringContaining('1 records may or may not'),
    });
    release();
    await expect(producer.send([record('b')])).resolves.toHaveLength(1);
  });

  it('sends what is waiting when its block ends with await using', async () => {
    const { producer, record, batches } = await scripted({ lingerMs: 60_000 });
    {
      await using used = producer;
      used.post([record('a')]);
    }

    expect(batches()).toEqual(['a']);
    await expect(producer.send([record('b')])).rejects.toMatchObject({ code: 'closed' });
  });

  it('waits for room in its buffer up to maxBlockMs, and then does not linger', async () => {
    const limits = { queueRecordsMax: 1, maxBlockMs: 10_000, lingerMs: 60_000 };
    const { producer, record, batches } = await scripted(limits);
    const first = producer.send([record('a')]);
    const second = producer.send([record('b')]);

    await first;
    expect(batches()).toEqual(['a']);
    await producer.flush();
    await second;
    expect(batches()).toEqual(['a', 'b']);
  });
});
