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

/** Produce's versions: from 12 on partitions join a transaction by themselves. */
const versionOf = (transaction: TransactionAsked | undefined): number =>
  transaction?.protocol === 2 ? 12 : 11;

/** A batch as it stands in the book, once more or for the first time. */
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
/** A transaction that is being ended. */
const passing: readonly (number | undefined)[] = [
  errorCodes.CONCURRENT_TRANSACTIONS,
  errorCodes.COORDINATOR_LOAD_IN_PROGRESS,
];

/** Asks again while a coordinator says that it will be ready in a moment. */
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
