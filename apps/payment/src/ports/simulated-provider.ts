import { pause, seconds, type Clock } from '@millrace/streaming-core/runtime';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { ChargeOutcome } from '../domain/payment.ts';
import type { RefundOutcome } from '../domain/return-refund.ts';
import type { PaymentProvider } from './payment-provider.ts';

/** The first request decides the outcome. A repetition finds that outcome and is counted. */
const recordCharge = `
  INSERT INTO provider_charge (key, amount, currency, outcome, refuses_refunds) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (key) DO UPDATE SET times_asked = provider_charge.times_asked + 1`;

const chargeOutcome = `SELECT outcome FROM provider_charge WHERE key = $1`;

/** Refunds only an approved charge, and only once. */
const recordRefund = `
  INSERT INTO provider_refund (key, charge_key)
  SELECT $1, key FROM provider_charge WHERE key = $2 AND outcome = 'approved'
  ON CONFLICT DO NOTHING`;

const findRefund = `SELECT 1 FROM provider_refund WHERE key = $1`;

/** The first request decides the outcome. All parts together never exceed the charge. */
const recordPartRefund = `
  INSERT INTO provider_part_refund (key, charge_key, amount, outcome)
  SELECT $1, key, $3::bigint, CASE
    WHEN refuses_refunds
      OR EXISTS (SELECT FROM provider_refund whole WHERE whole.charge_key = charge.key)
      OR amount < $3::bigint + (
        SELECT coalesce(sum(part.amount), 0) FROM provider_part_refund part
        WHERE part.charge_key = charge.key AND part.outcome = 'refunded'
          AND NOT EXISTS (SELECT FROM provider_reversal undone WHERE undone.refund_key = part.key))
    THEN 'refused' ELSE 'refunded' END
  FROM provider_charge charge WHERE key = $2 AND outcome = 'approved'
  ON CONFLICT DO NOTHING`;

const partRefundOutcome = `SELECT outcome FROM provider_part_refund WHERE key = $1`;

/** Reverses only a refund that was made, and only once. */
const recordReversal = `
  INSERT INTO provider_reversal (key, refund_key)
  SELECT $1, key FROM provider_part_refund WHERE key = $2 AND outcome = 'refunded'
  ON CONFLICT DO NOTHING`;

const findReversal = `SELECT 1 FROM provider_reversal WHERE key = $1`;

/**
 * Test tokens:
 * - `tok_approve`: approved at once;
 * - `tok_decline`: declined at once, as is every token that is not listed here;
 * - `tok_slow`: approved at once, but answered after 2 s;
 * - `tok_late`: approved at once, but the answer is lost every time, so only a query finds it;
 * - `tok_refund_refused`: approved at once, but the refund of a part is refused.
 */
const slowAnswer = seconds(2);
const refusesRefunds = 'tok_refund_refused';
const approved: ReadonlySet<string> = new Set(['tok_approve', 'tok_slow', 'tok_late', refusesRefunds]);

/**
 * Simulates an external provider. It commits to its own tables before it answers, so a charge
 * outlives a killed service. Its books never hold a token.
 */
export function simulatedProvider(database: SqlDatabase, clock: Clock): PaymentProvider {
  const outcomeOf = async (key: string) =>
    (await database.query<{ outcome: ChargeOutcome }>(chargeOutcome, [key])).rows[0]?.outcome;
  return {
    async charge({ key, token, amount }, { signal }) {
      const decided: ChargeOutcome = approved.has(token) ? 'approved' : 'declined';
      const { amount: units, currency } = amount;
      await database.query(recordCharge, [key, units, currency, decided, token === refusesRefunds]);
      if (token === 'tok_slow') await pause(clock, slowAnswer, signal);
      signal.throwIfAborted();
      if (token === 'tok_late') throw new Error('the connection to the provider was lost before it answered');
      return (await outcomeOf(key)) ?? decided;
    },
    findCharge: async (key) => (await outcomeOf(key)) ?? 'unknown',
    async refund({ key, chargeKey }) {
      await database.query(recordRefund, [key, chargeKey]);
      if ((await database.query(findRefund, [key])).rowCount === 0)
        throw new Error(`the provider has no approved charge ${chargeKey}`);
      return 'refunded';
    },
    async refundPart({ key, chargeKey, amount }) {
      await database.query(recordPartRefund, [key, chargeKey, amount.amount]);
      const [found] = (await database.query<{ outcome: RefundOutcome }>(partRefundOutcome, [key])).rows;
      if (found === undefined) throw new Error(`the provider has no approved charge ${chargeKey}`);
      return found.outcome;
    },
    async reverse({ key, refundKey }) {
      await database.query(recordReversal, [key, refundKey]);
      if ((await database.query(findReversal, [key])).rowCount === 0)
        throw new Error(`the provider has made no refund ${refundKey}`);
      return 'reversed';
    },
  };
}
