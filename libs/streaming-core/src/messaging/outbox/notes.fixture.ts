import type { Work } from '@millrace/testing/postgres';
import { v7 } from 'uuid';
import { appendToOutbox } from './append.ts';

/** A step of a schedule that writes a note for each key to the outbox. */
export const writes =
  (...keys: readonly string[]): Work =>
  (sql) =>
    sql.transaction((transaction) =>
      appendToOutbox(
        transaction,
        keys.map((key) => ({ topic: 'notes', key, message: { type: 'Noted' }, attributes: attributes() })),
      ),
    );

const attributes = () => ({
  id: v7(),
  source: '/millrace/test',
  type: 'Noted',
  time: '2026-11-20T09:00:00.000Z',
  subject: 'k',
  dataSchema: '',
  correlationId: 'story',
  causationId: 'cause',
});
