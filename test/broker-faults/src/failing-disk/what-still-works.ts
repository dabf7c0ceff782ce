import type { AskingClient } from '../crash/asking-client.ts';
import type { PromiseBook, TopicAsked } from '../crash/promise-book.ts';
import type { DiskFault } from './failing-run.ts';

/**
 * Checks what must work after a fault. Once a full disk has room again, everything must. After a
 * failed sync, the broker must not trust the disk and must acknowledge nothing.
 */
export async function whatStillWorks(
  client: AskingClient,
  book: PromiseBook,
  { code, kind }: Pick<DiskFault, 'code' | 'kind'>,
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const topic of book.topics.filter(
    ({ doneAt, deletion }) => doneAt !== undefined && deletion === undefined,
  ))
    for (let partition = 0; partition < topic.partitions; partition += 1) {
      const session = `afterwards-${topic.name}-${partition}`;
      const { failed } = await write(client, topic, partition, session);
      if (code === 'EIO' && kind === 'sync' && failed !== storageError)
        problems.push(
          `a write to ${topic.name}-${partition} after a failed sync: ${failed ?? 'acknowledged'}`,
        );
      if (kind !== 'sync' && code === 'ENOSPC' && failed !== undefined)
        problems.push(`${topic.name}-${partition} is refused although there is room again: ${failed}`);
    }
  return problems;
}

const write = (client: AskingClient, topic: TopicAsked, partition: number, session: string) =>
  topic.compacted === true
    ? client.put({ topic, partition, entries: [{ key: session, value: session }] })
    : client.produce({ topic, partition, values: [session], session, acks: -1 });

const storageError = 'error 56';
