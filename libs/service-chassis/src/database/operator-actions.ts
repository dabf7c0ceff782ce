import type { Queryable } from '@millrace/streaming-core/postgres';

/** The record of an act of an operator. */
export interface OperatorActionNote {
  readonly actor: string;
  readonly reason: string;
  readonly action: string;
  /** The thing acted on, such as a projection. It must not name a person. */
  readonly subject: string;
}

/** Records an action that leaves no event and no other row. Call it in the transaction of the action. */
export async function noteAction(
  transaction: Queryable,
  { actor, reason, action, subject }: OperatorActionNote,
): Promise<void> {
  await transaction.query(
    'INSERT INTO operator_action (actor, reason, action, subject) VALUES ($1, $2, $3, $4)',
    [actor, reason, action, subject],
  );
}
