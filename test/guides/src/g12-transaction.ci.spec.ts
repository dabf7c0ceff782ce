import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  connectTransactionalProducer,
  type Transaction,
  type TransactionalProducer,
} from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { readTopic } from '@millrace/testing/kcat';
import { sharedStack, until } from '@millrace/test-support/stack';
import { runGuide, startGuide } from './guides-python.ts';
import { StackLog } from './stack-log.ts';

const log = new StackLog(sharedStack());
const { bootstrapServers } = log;
const topics = ['orders', 'inventory', 'notifications'];
const id = 'order-processor-1';

describe('G12 one transaction, several topics', () => {
  const producers: TransactionalProducer[] = [];
  let timedOut: { readonly topic: string; readonly transaction: Transaction };

  beforeAll(async () => {
    timedOut = await leaveOpen(5_000);
  });
  beforeEach(async () => {
    for (const topic of topics) await log.newTopic(topic, 1);
  });
  afterAll(async () => {
    await Promise.all(producers.map((producer) => producer.close()));
    await log.close();
  });

  function connect(transactionalId: string, transactionTimeoutMs?: number): TransactionalProducer {
    const producer = connectTransactionalProducer({
      bootstrapServers: [bootstrapServers],
      clientId: 'guides',
      logger: silentLogger,
      transactionalId,
      transactionTimeoutMs,
    });
    producers.push(producer);
    return producer;
  }

  /** Leaves a transaction open and sends another record behind it, outside of any transaction. */
  async function leaveOpen(transactionTimeoutMs: number) {
    const topic = await log.newTopic(`orders-${randomUUID()}`, 1);
    const transaction = await connect(`order-processor-${randomUUID()}`, transactionTimeoutMs).begin();
    await transaction.send([{ topic, key: null, value: 'left open' }]);
    await log.producer.send([{ topic, key: null, value: 'behind it' }]);
    return { topic, transaction };
  }

  /** The values of each topic, as a foreign client reads them up to the present end. */
  async function read(
    isolation: 'read_committed' | 'read_uncommitted',
    from: readonly string[] = topics,
  ): Promise<readonly (readonly string[])[]> {
    return Promise.all(
      from.map(async (topic) =>
        (await readTopic(bootstrapServers, topic, ['-X', `isolation.level=${isolation}`])).map(
          ({ value }) => value,
        ),
      ),
    );
  }
  /**
   * Waits for the commit to become visible: the broker writes the markers after it has answered the
   * commit.
   */
  const committed = async (count: number, from?: readonly string[]) => {
    await until('the commit to be seen', 30_000, async () =>
      (await read('read_committed', from)).every(({ length }) => length >= count),
    );
    return read('read_committed', from);
  };
  const order = (ends: string) => `{"order_id": 123, "ends": "${ends}"}`;
  const inAll = (...values: readonly string[]) => topics.map(() => values);
  const send = async (transaction: Transaction, value: string) => {
    for (const topic of topics) await transaction.send([{ topic, key: null, value }]);
  };

  it('order-processor-1 sends an order, an update and a notice: a read_committed reader sees none before the commit and all after it', async () => {
    const transaction = await connect(id).begin();
    await send(transaction, 'of one transaction');

    expect(await read('read_committed')).toEqual(inAll());
    expect(await read('read_uncommitted')).toEqual(inAll('of one transaction'));
    await transaction.commit();

    expect(await committed(1)).toEqual(inAll('of one transaction'));
  });

  it("the guide's program commits, and after an exception it aborts, so that no record is seen", async () => {
    expect(await runGuide('order_processor.py', bootstrapServers, 'fails')).toEqual([
      'sent',
      'aborted: out of stock',
    ]);
    expect(await runGuide('order_processor.py', bootstrapServers)).toEqual(['sent', 'committed']);

    expect(await committed(1)).toEqual(inAll(order('commits')));
    expect(await read('read_uncommitted')).toEqual(inAll(order('fails'), order('commits')));
  });

  it('my-transactional-id sends one event each to topic1 and topic2', async () => {
    for (const topic of ['topic1', 'topic2']) await log.newTopic(topic, 1);
    expect(await runGuide('two_topics.py', bootstrapServers)).toEqual(['committed']);

    expect(await committed(1, ['topic1', 'topic2'])).toEqual([['event1'], ['event2']]);
  });

  it('a second producer with the same id fences the first, whichever client it uses', async () => {
    const first = connect(id);
    const transaction = await first.begin();
    await send(transaction, 'by the first');

    expect(await runGuide('order_processor.py', bootstrapServers)).toEqual(['sent', 'committed']);

    await expect(send(transaction, 'zombie')).rejects.toMatchObject({ code: 'fenced' });
    await expect(transaction.commit()).rejects.toMatchObject({ code: 'fenced' });
    await expect(first.begin()).rejects.toMatchObject({ code: 'fenced' });
    expect(await committed(1)).toEqual(inAll(order('commits')));
  });

  it('the successor of a producer that was killed before the commit aborts its transaction', async () => {
    const killed = await startGuide('order_processor.py', bootstrapServers, 'dies');
    expect({ end: await killed.ended, errors: killed.errors() }).toMatchObject({ end: 'SIGKILL' });
    await log.producer.send(topics.map((topic) => ({ topic, key: null, value: 'behind it' })));
    expect(await read('read_committed')).toEqual(inAll()); // the open transaction still hides them

    await connect(id).transaction((transaction) => send(transaction, 'by its successor'));

    expect(await committed(2)).toEqual(inAll('behind it', 'by its successor'));
    expect((await read('read_uncommitted')).map(([first]) => first)).toEqual(topics.map(() => order('dies')));
  });

  it('the timeout aborts an open transaction and fences its producer', async () => {
    const { topic, transaction } = timedOut;

    expect(await committed(1, [topic])).toEqual([['behind it']]);
    await expect(transaction.commit()).rejects.toMatchObject({ code: 'fenced' });
  });
});
