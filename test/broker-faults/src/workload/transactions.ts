import { setTimeout as pause } from 'node:timers/promises';
import {
  ClientError,
  connectTransactionalProducer,
  type Transaction,
  type TransactionalProducer,
} from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import type { Send } from '@millrace/test-support/log-history';
import { partitions, topic } from './topic.ts';

const rounds = 2;
/** The producer aborts every fourth transaction on purpose. */
const abortEvery = 4;
const transactionTimeoutMs = 60_000;

const producerOf = (bootstrapServers: readonly string[], index: number): TransactionalProducer =>
  connectTransactionalProducer({
    bootstrapServers,
    clientId: `transactional-${index}`,
    transactionalId: `transactional-${index}`,
    transactionTimeoutMs,
    logger: silentLogger,
  });

/**
 * Runs one transaction after the other, each in every partition. A transaction that nobody
 * committed counts as failed, whatever its producer knows about its end.
 */
export async function runTransactions(
  bootstrapServers: readonly string[],
  index: number,
  sends: Send[],
  signal: AbortSignal,
): Promise<void> {
  const producer = producerOf(bootstrapServers, index);
  for (let count = 0; !signal.aborted; count += 1) {
    const name = `t${index}.${count}`;
    const values = Array.from({ length: rounds * partitions }, (_, part) => ({
      partition: part % partitions,
      value: `${name}-${part}`,
    }));
    const outcome = await oneTransaction(producer, values, count % abortEvery === 0);
    sends.push(
      ...values.map((each, part): Send => ({
        ...each,
        topic,
        session: `t${index}`,
        transaction: name,
        ...outcome(part),
      })),
    );
    await pause(2);
  }
  await producer.close().catch(() => undefined);
}

async function oneTransaction(
  producer: TransactionalProducer,
  values: ReadonlyArray<{ readonly partition: number; readonly value: string }>,
  aborts: boolean,
): Promise<(part: number) => Pick<Send, 'outcome' | 'offset'>> {
  const failed = () => ({ outcome: 'failed' as const });
  let transaction: Transaction | undefined;
  try {
    transaction = await producer.begin();
    const written = await transaction.send(
      values.map(({ partition, value }) => ({ topic, key: null, value, partition })),
    );
    if (aborts) return await transaction.abort().then(() => failed);
    await transaction.commit();
    return (part) => ({ outcome: 'acknowledged', offset: written[part]?.offset });
  } catch (error) {
    await transaction?.abort().catch(() => undefined);
    return error instanceof ClientError && error.code === 'outcome_unknown'
      ? () => ({ outcome: 'unknown' })
      : failed;
  }
}

/** A successor takes over each id, so that no transaction stays open and holds readers up. */
export async function endTransactions(bootstrapServers: readonly string[], producers: number): Promise<void> {
  for (let index = 0; index < producers; index += 1) {
    const successor = producerOf(bootstrapServers, index);
    await successor.open().finally(() => successor.close());
  }
}
