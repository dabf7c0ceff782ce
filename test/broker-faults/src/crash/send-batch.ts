import { setTimeout as pause } from 'node:timers/promises';
import { errorCodes, produce, type WireClient } from '@millrace/streaming-core/protocol';
import type { TopicAsked, TransactionAsked } from './promise-book.ts';

export interface BatchToSend {
  readonly topic: TopicAsked;
  readonly partition: number;
  readonly acks: -1 | 1;
  readonly bytes: Buffer;
  readonly transaction?: TransactionAsked;
}

/** The version of Produce. From 12 on, partitions join a transaction by themselves. */
const versionOf = (transaction: TransactionAsked | undefined): number =>
  transaction?.protocol === 2 ? 12 : 11;

/** Sends a batch as it is in the book, for the first time or again. */
export async function sendBatch(
  client: WireClient,
  { topic, partition, acks, bytes, transaction }: BatchToSend,
) {
  return whenReady(
    async () => {
      const { responses } = await client.send(produce, versionOf(transaction), {
        transactionalId: transaction?.transactionalId ?? null,
        acks,
        timeoutMs: 30_000,
        topicData: [{ name: topic.name, partitionData: [{ index: partition, records: Buffer.from(bytes) }] }],
      });
      const answer = responses[0]?.partitionResponses[0];
      if (answer === undefined) throw new Error('the answer to Produce names no partition');
      return answer;
    },
    ({ errorCode }) => errorCode,
  );
}

const patienceMs = 8_000;
/** Errors that say that a transaction is still being ended. */
const passing: readonly (number | undefined)[] = [
  errorCodes.CONCURRENT_TRANSACTIONS,
  errorCodes.COORDINATOR_LOAD_IN_PROGRESS,
];

/** Repeats the request while a coordinator answers that it is not ready yet. */
export async function whenReady<Answer>(
  ask: () => Promise<Answer>,
  codeOf: (answer: Answer) => number | undefined,
): Promise<Answer> {
  const untilMs = performance.now() + patienceMs;
  let answer = await ask();
  while (performance.now() < untilMs && passing.includes(codeOf(answer))) {
    await pause(10);
    answer = await ask();
  }
  return answer;
}
