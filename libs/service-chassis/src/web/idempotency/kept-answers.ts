import { hours } from '@millrace/streaming-core/runtime';
import type { Sent, SqlTransaction, Queryable } from '@millrace/streaming-core/postgres';
import { refusal } from '../problems/problem.ts';
import { ALREADY_KEPT, CLAIM_KEY, FORGET_EXPIRED, KEEP_ANSWER } from './kept-answers.sql.ts';
import type { RequestIdentity } from './request-identity.ts';

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
