import { z } from 'zod';
import type { CommittedOffset, TopicIdentity } from '../../client/index.ts';
import { readNote, renameStore, runbook } from '../outbox/commit-note.ts';
import { ConsumerError } from './consumer-error.ts';
import type { TakenOffset } from './offset-store.ts';

/** The database and the topic that an offset on the broker belongs to. */
const noteSchema = z.object({ store: z.string(), topicId: z.string() });

export const offsetNote = (storeId: string, { topicId }: TopicIdentity): string =>
  JSON.stringify({ store: storeId, topicId } satisfies z.infer<typeof noteSchema>);

/**
 * Rejects with `offset_refused` when the broker knows a later offset of this very database: an
 * offset goes to the broker only after its transaction was committed, so the database has lost that
 * transaction. Two cases prove nothing:
 * - The row is new, as in epoch 1: the group begins, or somebody deleted its offset.
 * - The offset lies beyond the log's end: the log itself has lost records.
 */
export function refuseOlderDatabase(
  { row, nextOffset, storeId }: TakenOffset,
  committed: CommittedOffset | undefined,
  end: bigint,
): void {
  if (row.epoch === 1n || committed === undefined) return;
  if (committed.offset <= nextOffset || committed.offset > end) return;
  const note = readNote(noteSchema, committed.metadata);
  if (note?.store !== storeId || note.topicId !== row.identity.topicId) return;
  const { group, topic, partition } = row;
  throw new ConsumerError(
    'offset_refused',
    `group ${group} of this database has already handled ${topic}-${partition} up to offset ${committed.offset}, and the database stands at ${nextOffset}: ` +
      `it was restored from a backup that is older than the log, or somebody set the offset back. First read ${runbook}. ` +
      `To handle the messages from ${nextOffset} on again: ${renameStore}`,
  );
}
