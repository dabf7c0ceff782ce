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
 * Rejects with `offset_refused` when the broker has a later offset from this very database. An
 * offset goes to the broker only after its transaction was committed, so the database has lost that
 * transaction. Two cases are no evidence:
 * - The row is in epoch 1, so it is new: the group has just begun, or somebody deleted its offset.
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
    `group ${group} of this database has already handled ${topic}-${partition} up to offset ` +
      `${committed.offset}, but the database is at ${nextOffset}: ` +
      'it was restored from a backup that is older than the log, or somebody set the offset back. ' +
      `First read ${runbook}. ` +
      `To handle the messages again from ${nextOffset} on: ${renameStore}`,
  );
}
