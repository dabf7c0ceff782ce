import type { CloudEventAttributes, Message } from '../../contract/index.ts';
import type { SqlTransaction } from '../../postgres/index.ts';

/** A message to be published once the transaction that wrote it has committed. */
export interface OutboxMessage {
  readonly topic: string;
  readonly key: string;
  readonly message: Message;
  readonly attributes: CloudEventAttributes;
}

/**
 * Writes messages to the outbox, inside the caller's transaction: published in order per key, never lost, never if rolled back. In a unit of
 * work all of them are one statement at its end. Whoever writes a key holds its stream's lock first. Refuses a message over 900,000 bytes
 * with `OutboxError`.
 */
export type AppendToOutbox = (
  transaction: SqlTransaction,
  messages: readonly OutboxMessage[],
) => Promise<void>;
