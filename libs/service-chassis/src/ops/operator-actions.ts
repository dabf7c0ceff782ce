import type { SqlTransaction } from '@millrace/streaming-core/postgres';

/** What an operator did. `subject` names no person. */
export interface OperatorActionNote {
  readonly actor: string;
  readonly reason: string;
  readonly action: string;
  readonly subject: string;
}

/** Records an action that leaves no event and no other row of its own, in its transaction. */
export async function noteAction(
  transaction: SqlTransaction,
  { actor, reason, action, subject }: OperatorActionNote,
): Promise<void> {
  await transaction.query(
    'INSERT INTO operator_action (actor, reason, action, subject) VALUES ($1, $2, $3, $4)',
    [actor, reason, action, subject],
  );
}
