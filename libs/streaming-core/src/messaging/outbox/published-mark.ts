import { z } from 'zod';
import { readNote } from './commit-note.ts';

/**
 * How far the outbox of a database has been published: the id of the database, and its last
 * published row.
 */
export interface PublishedMark {
  readonly storeId: string;
  readonly position: bigint;
  readonly messageId: string;
}

const noteSchema = z.object({ store: z.string(), position: z.string().regex(/^\d+$/), id: z.string() });

/** Encodes a mark as the text that the broker stores. */
export const noteOf = ({ storeId, position, messageId }: PublishedMark): string =>
  JSON.stringify({ store: storeId, position: String(position), id: messageId } satisfies z.infer<
    typeof noteSchema
  >);

/**
 * Tells whether the note of an offset is a relay's mark. Such an offset is no progress of a reader,
 * so it has no lag.
 */
export const isPublishedMark = (note: string | null): boolean => readMark(note) !== undefined;

/** Returns undefined for a text that is not a mark. */
export function readMark(text: string | null): PublishedMark | undefined {
  const note = readNote(noteSchema, text);
  return note && { storeId: note.store, position: BigInt(note.position), messageId: note.id };
}
