import { setTimeout as pause } from 'node:timers/promises';
import { AskingProducer } from './asking-transactions.ts';
import type { TopicAsked } from './promise-book.ts';
import type { LoadOptions } from './scripted-load.ts';
import { valuesOf } from './values.ts';

export interface TransactionTargets {
  readonly orders: TopicAsked;
  readonly states: TopicAsked;
  readonly protocol: 1 | 2;
}

/**
 * Uses the same ids in every part of the load, so that the second part takes over what the first
 * left open. The last transaction stays open.
 */
export async function produceInTransactions(
  options: LoadOptions,
  targets: TransactionTargets,
): Promise<void> {
  const { connect, random, batches, part } = options;
  const { protocol } = targets;
  const producer = new AskingProducer(await connect(), { transactionalId: `mover-${protocol}`, protocol });
  if (!(await producer.init())) return;
  for (let turn = 0; turn < batches / 3; turn += 1) {
    producer.begin();
    if (!(await steps(producer, { ...options, part: `${part}-txn${protocol}` }, targets, turn))) return;
    if (turn + 1 >= batches / 3 || !(await producer.end(random() < 0.6))) return;
    if (random() < 0.4) await producer.completed();
    else if (random() < 0.3) await pause(random() * 5);
  }
}

/** Writes records to one or two partitions, and sometimes the value of a key or offsets as well. */
async function steps(
  producer: AskingProducer,
  { random, part }: LoadOptions,
  { orders, states, protocol }: TransactionTargets,
  turn: number,
): Promise<boolean> {
  const group = `movers-${protocol}`;
  for (let step = 0; step < 1 + Math.floor(random() * 2); step += 1) {
    const values = valuesOf(`${part}-${turn}`, step, random);
    const written = await producer.produce({
      topic: orders,
      partition: Math.floor(random() * orders.partitions),
      values,
      session: part,
    });
    if (!written) return false;
  }
  const entries = [{ key: `${part}-${turn % 2}`, value: random() < 0.2 ? null : `${part}:${turn}` }];
  if (random() < 0.5 && !(await producer.put({ topic: states, partition: 0, entries }))) return false;
  return (
    random() < 0.4 ||
    producer.commitOffset({ group, topic: orders.name, partition: turn % 2, offset: BigInt(turn) })
  );
}
