import type { PartitionOffset } from '@millrace/streaming-core/client';
import type { Logger } from '@millrace/streaming-core/runtime';
import type { DeadLetter } from './dead-letter.ts';
import type { DeadLetterLog } from './dead-letter-log.ts';

export interface TidyingOptions {
  readonly beginning: DeadLetterLog['beginning'];
  /** Resolves to the letters that are decided, by their ids. */
  readonly readDecisions: (letters: readonly DeadLetter[]) => Promise<ReadonlyMap<string, unknown>>;
  readonly deleteBefore: (place: PartitionOffset) => Promise<unknown>;
  readonly logger: Logger;
}

/**
 * Returns a function that deletes the letters of a topic before its first one that is not decided,
 * without waiting. There is one run for a topic at a time: calls during a run cause one more
 * together. A run deletes each page before it reads the next one, and ends at the first open letter,
 * at the limit of `beginning`, or at a failure, so a request causes little work however many letters
 * the topic has.
 */
export function createTidying({
  beginning,
  readDecisions,
  deleteBefore,
  logger,
}: TidyingOptions): (topic: string) => void {
  const running = new Map<string, 'once' | 'again'>();

  async function runOnce(topic: string): Promise<void> {
    for await (const { letters, end } of beginning(topic)) {
      const decided = await readDecisions(letters);
      const open = letters.find(({ id }) => !decided.has(id));
      const offset = open?.offset ?? end;
      if (letters[0] !== undefined && offset > letters[0].offset)
        await deleteBefore({ topic, partition: 0, offset });
      if (open !== undefined) return;
    }
  }

  async function run(topic: string): Promise<void> {
    try {
      do {
        running.set(topic, 'once');
        await runOnce(topic);
      } while (running.get(topic) === 'again');
    } catch (err) {
      logger.warn({ err, topic }, 'decided dead letters could not be deleted; they stay until retention');
    } finally {
      running.delete(topic);
    }
  }

  return (topic) => {
    if (running.has(topic)) running.set(topic, 'again');
    else void run(topic);
  };
}
