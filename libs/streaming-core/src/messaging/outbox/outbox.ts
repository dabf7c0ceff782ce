import type { CloudEventAttributes, Message, PersonalFields } from '../../contract/index.ts';
import type { SqlTransaction } from '../../postgres/index.ts';

/** A message that is published after the transaction that wrote it has committed. */
export interface OutboxMessage {
  readonly topic: string;
  readonly key: string;
  readonly message: Message;
  readonly attributes: CloudEventAttributes;
  /** The fields to seal, from the declaration of the message. */
  readonly personal?: PersonalFields;
}

/**
 * Writes messages to the outbox in the caller's transaction. If it commits, they are published in
 * order per key and none is lost. If it rolls back, none is published. In a unit of work one
 * statement at its end writes all of them. The caller must hold the lock of a key's stream before
 * it writes messages of that key. Rejects a message over 900,000 bytes with `OutboxError`, and one
 * with personal data unless it can seal it.
 */
export type AppendToOutbox = (
  transaction: SqlTransaction,
  messages: readonly OutboxMessage[],
) => Promise<void>;
