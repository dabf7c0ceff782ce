import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { silentLogger } from '../../runtime/index.ts';
import { startScriptedBroker, type Script, type Verdict } from '../producer/scripted-broker.fake.ts';
import type { Transaction } from '../transaction-types.ts';
import { connectTransactionalProducer } from './transactional-producer.ts';

const closes: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closes.splice(0).reverse()) await close();
});

/**
 * Begins a transaction and sends `first`, and then a to e in five requests, none of which is
 * answered before `release`. The judge gets each value and how often the broker has seen it.
 */
async function fiveInFlight(judge: (value: string, times: number) => Verdict = () => 'NONE') {
  const times = new Map<string, number>();
  const script: Script = {
    topic: 'orders',
    partitions: 1,
    topicId: randomUUID(),
    produceMax: 11,
    judge: ({ values: [value = ''] }) => {
      times.set(value, (times.get(value) ?? 0) + 1);
      return judge(value, times.get(value)!);
    },
  };
  const broker = await startScriptedBroker(script);
  const place = { bootstrapServers: broker.bootstrapServers, clientId: 'five', logger: silentLogger };
  const options = { ...place, transactionalId: 'five', retryDelayMsMin: 1, retryDelayMsMax: 5 };
  const producer = connectTransactionalProducer(options);
  closes.push(broker.close, () => producer.close());
  const sendTo = (transaction: Transaction, value: string) =>
    transaction.send([{ topic: 'orders', key: null, value, partition: 0 }]).then(
      () => 'written',
      (error: { code: string }) => error.code,
    );
  const transaction = await producer.begin();
  await sendTo(transaction, 'first');
  let release = () => {};
  script.held = new Promise((resolve) => {
    release = () => {
      script.held = undefined;
      resolve();
    };
  });
  const sends: Promise<string>[] = [];
  for (const value of ['a', 'b', 'c', 'd', 'e']) {
    sends.push(sendTo(transaction, value));
    await until(
      () => broker.received,
      (received) => received >= sends.length + 1,
    );
  }
  const told = () =>
    broker.seen.map(({ producer: by, sequence, values }) => `${by} ${sequence} ${values.join(',')}`);
  return {
    producer,
    transaction,
    broker,
    sends,
    release,
    told,
    send: (value: string) => sendTo(transaction, value),
  };
}

const written = Array.from({ length: 5 }, () => 'written');
const inOrder = ['1/0 0 first', '1/0 1 a', '1/0 2 b', '1/0 3 c', '1/0 4 d', '1/0 5 e'];

describe('L94 a transaction with five requests in flight', () => {
  it('is committed once all of them are acknowledged', async () => {
    const { transaction, broker, sends, release, told } = await fiveInFlight();

    const committing = transaction.commit();
    release();

    expect(await Promise.all(sends)).toEqual(written);
    await committing;
    expect(broker.ends).toEqual(['commit after 6 batches']);
    expect(told()).toEqual(inOrder);
  });

  it('is committed once failed requests were repeated, in order and with the same numbers', async () => {
    const { transaction, broker, sends, release, told } = await fiveInFlight((value, times) => {
      if (times > 1 || value === 'a' || value === 'first') return 'NONE';
      return value === 'b' ? 'NOT_LEADER_OR_FOLLOWER' : 'OUT_OF_ORDER_SEQUENCE_NUMBER';
    });

    const committing = transaction.commit();
    release();
    expect(await Promise.all(sends)).toEqual(written);
    await committing;
    expect(told()).toEqual([...inOrder, ...inOrder.slice(2)]);
    expect(broker.ends).toEqual(['commit after 10 batches']);
  });

  it('sends nothing more once it is aborted, and waits for what was sent', async () => {
    const { transaction, broker, sends, release, told, send } = await fiveInFlight();

    const unsent = send('f');
    const aborting = transaction.abort();
    release();

    expect(await unsent).toBe('aborted');
    expect(await Promise.all(sends)).toEqual(written);
    await aborting;
    expect(broker.ends).toEqual(['abort after 6 batches']);
    expect(told()).toEqual(inOrder);
  });

  it('is aborted by a new identity if a batch is rejected, and the next begins at sequence 0', async () => {
    const { producer, transaction, broker, sends, release, told, send } = await fiveInFlight((value) =>
      value === 'b' ? 'MESSAGE_TOO_LARGE' : 'NONE',
    );

    const unsent = send('f');
    release();
    expect((await Promise.all(sends))[1]).toBe('record_too_large');
    await unsent;
    await expect(transaction.commit()).rejects.toMatchObject({ code: 'transaction_failed' });

    await producer.transaction((next) =>
      next.send([{ topic: 'orders', key: null, value: 'g', partition: 0 }]),
    );
    expect(told().at(-1)).toBe('2/0 0 g');
    expect(broker.ends).toHaveLength(1);
  });

  it('keeps its epoch if the broker misses a batch, and is aborted', async () => {
    const { transaction, broker, sends, release, told } = await fiveInFlight((value) =>
      value === 'b' ? 'UNKNOWN_PRODUCER_ID' : 'NONE',
    );

    release();
    expect((await Promise.all(sends))[1]).toBe('broker_error');
    await expect(transaction.commit()).rejects.toMatchObject({ code: 'transaction_failed' });
    expect(told().every((text) => text.startsWith('1/0'))).toBe(true);
    expect(broker.ends).toEqual([]);
  });

  it('is fenced permanently if a request is', async () => {
    const { producer, transaction, sends, release } = await fiveInFlight((value) =>
      value === 'first' || value === 'a' ? 'NONE' : 'INVALID_PRODUCER_EPOCH',
    );

    release();
    expect((await Promise.all(sends)).slice(1)).toEqual(['fenced', 'fenced', 'fenced', 'fenced']);
    await expect(transaction.commit()).rejects.toMatchObject({ code: 'fenced' });
    await expect(producer.begin()).rejects.toMatchObject({ code: 'fenced' });
  });
});
