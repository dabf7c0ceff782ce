import { hours } from '@millrace/streaming-core/runtime';
import type { Sent, SqlTransaction, Queryable } from '@millrace/streaming-core/postgres';
import { refusal } from '../problems/problem.ts';
import type { RequestIdentity } from './idempotency-key.ts';

/**
 * Returns no row if this transaction holds the key. The comment of the function explains why it is
 * correct (migrations/0001-service.sql).
 */
const CLAIM_KEY = `SELECT in_flight, fingerprint, status, headers, body FROM claim_idempotency_key($1, $2)`;

/** The message of the error that `KEEP_ANSWER` raises if the key has an answer. */
const ALREADY_KEPT = 'the key has an answer';

/**
 * Only the holder of the claim writes under the key, so a conflicting row can only be an expired
 * one. If it is not, it stays and the statement fails: SQL has no statement that raises an error,
 * so it casts a text to a number.
 */
const KEEP_ANSWER = `
  WITH kept AS (
    INSERT INTO idempotency_key AS expired (id, fingerprint, route, status, headers, body, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + $7 * interval '1 millisecond')
    ON CONFLICT (id) DO UPDATE
    SET (fingerprint, route, status, headers, body, created_at, expires_at) =
        (excluded.fingerprint, excluded.route, excluded.status, excluded.headers, excluded.body, excluded.created_at, excluded.expires_at)
    WHERE expired.expires_at <= clock_timestamp()
    RETURNING id
  )
  SELECT (SELECT '${ALREADY_KEPT}' WHERE NOT EXISTS (SELECT FROM kept))::integer`;

/**
 * Deletes one slice, oldest first. Rows that another transaction is renewing or deleting are left
 * to the next slice.
 */
const FORGET_EXPIRED = `
  DELETE FROM idempotency_key
  WHERE id IN (
    SELECT id FROM idempotency_key WHERE expires_at <= clock_timestamp() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
  )`;

/** An answer as it is sent. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const keptForMs = hours(24);
/** The limits of the table. */
const bodyBytesMax = 65_536;
const headerBytesMax = 8_192;

interface ClaimRow extends Record<string, unknown> {
  readonly in_flight: boolean;
  readonly fingerprint: Buffer;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Claims the request's key until the transaction ends, or returns the answer that the request got
 * before. Never waits. Throws a 409 while another request with the key is in flight, and a 422 if
 * the key was used with a different body.
 */
export async function claim(
  transaction: SqlTransaction,
  { id, lockId, fingerprint }: RequestIdentity,
): Promise<Answer | undefined> {
  const { rows } = await transaction.query<ClaimRow>(CLAIM_KEY, [id, String(lockId)]);
  const [known] = rows;
  if (known === undefined) return undefined;
  if (known.in_flight) throw inFlight();
  if (!fingerprint.equals(known.fingerprint)) throw refusal('idempotency_key_reused');
  return { status: known.status, headers: known.headers, body: known.body };
}

/**
 * Keeps the answer in the transaction of the claim, which is also the transaction of the effect. If
 * the key already has an answer, the answers reject and the effect is rolled back, even if COMMIT
 * is already on its way. Rejects if nothing was sent.
 */
export async function keep(
  transaction: SqlTransaction,
  request: RequestIdentity,
  { status, headers, body }: Answer,
): Promise<Sent> {
  if (Buffer.byteLength(body) > bodyBytesMax || Buffer.byteLength(JSON.stringify(headers)) > headerBytesMax)
    throw new RangeError(
      `${request.route}: an answer under an idempotency key may have at most ${bodyBytesMax} bytes of ` +
        `body and ${headerBytesMax} bytes of headers`,
    );
  const { id, fingerprint, route } = request;
  const keeping = transaction.query(KEEP_ANSWER, [id, fingerprint, route, status, headers, body, keptForMs]);
  const answers = keeping.catch((error: unknown) => {
    throw error instanceof Error && error.message.includes(ALREADY_KEPT) ? inFlight() : error;
  });
  answers.catch(() => undefined); // the caller may commit first
  return { answers };
}

const inFlight = () => refusal('request_in_flight');

/** Deletes at most `rowsMax` expired answers and returns how many it deleted. */
export async function forgetExpired(database: Queryable, rowsMax: number): Promise<number> {
  const { rowCount } = await database.query(FORGET_EXPIRED, [rowsMax]);
  return rowCount;
}
