import { randomUUID } from 'node:crypto';
import { migrate } from '@millrace/streaming-core/postgres';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import type { AppendOptions } from '../event-store.ts';
import { eventSourcingMigrations } from '../migrations.ts';

/** A database with the tables of the event store, for one test file. */
export async function openEventDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  await migrate(database.sql, [{ library: 'event-sourcing', folder: eventSourcingMigrations }]);
  return database;
}

/** A stream id that no other test uses. */
export const newStream = (kind = 'test'): string => `${kind}-${randomUUID()}`;

export const appendOptions = (now = new Date('2026-03-01T00:00:00Z')): AppendOptions => ({
  metadata: { correlationId: 'story', causationId: 'request' },
  newId: randomUUID,
  now,
});
