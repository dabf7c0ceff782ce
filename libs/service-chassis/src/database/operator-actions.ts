import type { Queryable, SqlRow } from '@millrace/streaming-core/postgres';

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

export interface ListedAction extends OperatorActionNote {
  readonly id: bigint;
  readonly at: Date;
}

type ActionRow = SqlRow & Omit<ListedAction, 'id'> & { readonly id: string };

/** Returns the newest actions, or the newest of those with an id below `before`, by the primary key. */
export async function listActions(
  database: Queryable,
  { before, limit }: { readonly before: bigint | undefined; readonly limit: number },
): Promise<readonly ListedAction[]> {
  const { rows } = await database.query<ActionRow>(
    `SELECT id, at, actor, reason, action, subject
     FROM operator_action
     WHERE id < coalesce($1::bigint, 9223372036854775807)
     ORDER BY id DESC
     LIMIT $2::integer`,
    [before === undefined ? null : String(before), limit],
  );
  return rows.map(({ id, ...row }) => ({ ...row, id: BigInt(id) }));
}
