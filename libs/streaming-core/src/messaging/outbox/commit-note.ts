import type { z } from 'zod';

const renamed = 'WITH renamed AS (UPDATE store_incarnation SET id = gen_random_uuid() RETURNING id)';
const followed = 'UPDATE relay_cursor SET incarnation = (SELECT id FROM renamed)';

/**
 * Gives a database a new id, so that it is no longer compared with what the broker has stored under
 * the old id. Positions stay as they are.
 */
export const renameStore = `${renamed} ${followed}`;

/** Adds the new id to a statement that sets a position back on purpose. */
export const renamingStore = (statement: string): string =>
  `${renamed}, followed AS (${followed}) ${statement}`;

export const runbook = '"A database that is older than the log" in docs/operations/backup.md';

/**
 * Reads the note beside an offset on the broker: JSON with the id of the database that committed
 * it. Returns undefined for any other text, because older releases and tools commit texts of other
 * kinds.
 */
export function readNote<Note>(schema: z.ZodType<Note>, metadata: string | null): Note | undefined {
  try {
    return schema.safeParse(JSON.parse(metadata ?? '')).data;
  } catch {
    return undefined;
  }
}
