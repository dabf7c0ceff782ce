import { pause, seconds, type Clock } from '@millrace/streaming-core/runtime';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { ChargeOutcome } from '../domain/payment.ts';
import type { PaymentProvider } from './payment-provider.ts';

/** The first request decides the outcome. A repetition finds that outcome and is counted. */
const recordCharge = `
  INSERT INTO provider_charge (key, amount, currency, outcome) VALUES ($1, $2, $3, $4)
  ON CONFLICT (key) DO UPDATE SET times_asked = provider_charge.times_asked + 1`;

const chargeOutcome = `SELECT outcome FROM provider_charge WHERE key = $1`;

/** Refunds only an approved charge, and only once. */
const recordRefund = `
  INSERT INTO provider_refund (key, charge_key)
  SELECT $1, key FROM provider_charge WHERE key = $2 AND outcome = 'approved'
  ON CONFLICT DO NOTHING`;

const findRefund = `SELECT 1 FROM provider_refund WHERE key = $1`;

/**
 * Test tokens:
 * - `tok_approve`: approved at once;
 * - `tok_decline`: declined at once, as is every token that is not listed here;
 * - `tok_slow`: approved at once, but answered after 2 s;
 * - `tok_late`: approved at once, but the answer is lost every time, so only a query finds it.
 */
const slowAnswer = seconds(2);
const approved: ReadonlySet<string> = new Set(['tok_approve', 'tok_slow', 'tok_late']);

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
      await database.query(recordCharge, [key, amount.amount, amount.currency, decided]);
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
  };
}
