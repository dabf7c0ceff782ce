import type { SqlTransaction } from '../postgres/index.ts';
import { insertNewMessages } from './inbox.sql.ts';
import { uuidV7TimeMs } from './message-time.ts';

/** What makes a message the same message: its source and its id, a UUIDv7. */
export interface InboxMessage {
  readonly source: string;
  readonly id: string;
}

/**
 * Notes in the caller's transaction that the group has handled these messages, in one statement, and returns those that it had not: of
 * copies within the call the first. If the transaction commits, their effects happen once, however often they are delivered.
 */
export async function recordInInbox<M extends InboxMessage>(
  transaction: SqlTransaction,
  group: string,
  messages: readonly M[],
): Promise<ReadonlySet<M>> {
  if (messages.length === 0) return new Set();
  const { rows } = await transaction.query<{ source: string; id: string }>(insertNewMessages, [
    group,
    messages.map(({ source }) => source),
    messages.map(({ id }) => id),
    messages.map(({ id }) => uuidV7TimeMs(id)),
  ]);
  const fresh = new Set(rows.map(nameOf));
  return new Set(messages.filter((message) => fresh.delete(nameOf(message))));
}

const nameOf = ({ source, id }: InboxMessage) => `${id.toLowerCase()} ${source}`;
