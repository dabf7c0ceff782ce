import { hours } from '@millrace/streaming-core/runtime';
import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import { refusal } from '../http/problem.ts';
import { CLAIM_KEY, FORGET_EXPIRED, KEEP_ANSWER } from './kept-answers.sql.ts';
import type { RequestIdentity } from './request-identity.ts';

/** An answer as it goes over the wire. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const keptForMs = hours(24);
/** As the table has it. */
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
 * Claims the request's key until the transaction ends, or returns the answer that it got before. Never waits. Throws a 409 while another
 * request with the key is in flight, and a 422 when the key came with another body.
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

/** In the claim's transaction, which is that of the effect. Rejects, and so undoes it, where the key has an answer all the same. */
export async function keep(
  transaction: SqlTransaction,
  request: RequestIdentity,
  { status, headers, body }: Answer,
): Promise<void> {
  if (Buffer.byteLength(body) > bodyBytesMax || Buffer.byteLength(JSON.stringify(headers)) > headerBytesMax)
    throw new RangeError(`${request.route}: an answer that is kept has at most ${bodyBytesMax} bytes`);
  const { id, fingerprint, route } = request;
  const { rowCount } = await transaction.query(KEEP_ANSWER, [
    id,
    fingerprint,
    route,
    status,
    headers,
    body,
    keptForMs,
  ]);
  if (rowCount !== 1) throw inFlight();
}

const inFlight = () => refusal('request_in_flight');

/** Deletes at most `rowsMax` answers that have expired; returns how many. */
export async function forgetExpired(database: SqlTransaction, rowsMax: number): Promise<number> {
  const { rowCount } = await database.query(FORGET_EXPIRED, [rowsMax]);
  return rowCount;
}
