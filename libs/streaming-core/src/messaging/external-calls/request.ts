import { writeRanks, type CollectedWrite, type SqlTransaction } from '../../postgres/index.ts';
import type { Holder } from '../../personal/index.ts';
import { type ExternalCallMetadata, ExternalCallError } from './external-call.ts';
import { claimOnInsert, type CallToInsert, type InsertedCall } from './claim-on-insert.ts';
import { INSERT_CALLS } from './external-calls.sql.ts';
import { sealPayload } from './sealed-payload.ts';

export interface ExternalCall<Payload = unknown> {
  /** Selects the worker that makes the call, such as `card-payment`. */
  readonly kind: string;
  /**
   * Stays the same when the call is repeated, so that the outside system recognises a repetition.
   * For example `saga:step` or `saga:step:undo`.
   */
  readonly key: string;
  /** A JSON value of at most 262,144 bytes, as it is stored. */
  readonly payload: Payload;
  /**
   * A pseudonym of the person whose data the payload has. The payload is then stored sealed. The
   * key of the call stays in plain text.
   */
  readonly subject?: string;
  readonly metadata: ExternalCallMetadata;
}

const keyCharactersMax = 255;
const payloadBytesMax = 262_144;

/**
 * Writes the intent to call in the transaction of the decision. The call is made at least once
 * after the commit, and never if the transaction is rolled back. A second request while the call is
 * pending changes nothing. A request after its completion repeats the call with the same key. A
 * call with a subject needs the holder of the keys, which its worker has too.
 */
export async function requestExternalCall(
  transaction: SqlTransaction,
  call: ExternalCall,
  holder?: Holder,
): Promise<void> {
  const { kind, key, subject, metadata } = call;
  const payload = subject === undefined ? call.payload : await sealPayload(call, subject, holder);
  const json = JSON.stringify(payload) ?? 'null';
  if (key.length === 0 || key.length > keyCharactersMax)
    throw new ExternalCallError(
      'invalid_request',
      `${kind}: a key must have 1 to ${keyCharactersMax} characters, but this one has ${key.length}`,
    );
  if (Buffer.byteLength(json) > payloadBytesMax)
    throw new ExternalCallError(
      'invalid_request',
      `${kind} ${key}: the payload has more than ${payloadBytesMax} bytes; send a reference to the content instead`,
    );
  await transaction.collect(callRows, [{ kind, key, payload: json, metadata: JSON.stringify(metadata) }]);
}

const callRows: CollectedWrite<CallToInsert> = {
  rank: writeRanks.externalCalls,
  async write(transaction, calls) {
    const column = (name: keyof CallToInsert) => calls.map((call) => call[name]);
    const { leases, inserted } = claimOnInsert(transaction, calls);
    const inserting = transaction.query<InsertedCall>(INSERT_CALLS, [
      column('kind'),
      column('key'),
      column('payload'),
      column('metadata'),
      leases,
    ]);
    return { answers: inserting.then(({ rows }) => inserted(rows)) };
  },
};
