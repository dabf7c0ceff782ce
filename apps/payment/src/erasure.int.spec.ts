import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { paymentCommands } from '@millrace/contracts';
import { fc } from '@millrace/testing/random';
import { askToErase, eraseSubject, foldedStates, passClosing, tablesWith } from '@millrace/testing/service';
import { until } from '@millrace/testing/within';
import { openPayment, pay, type PaymentFixture } from './payment.fixture.ts';
import { chargeKey, chargeKind } from './ports/card-workers.ts';
import { paymentStream } from './stream-ids.ts';

let payment: PaymentFixture;
beforeAll(async () => {
  payment = await openPayment();
});
afterAll(() => payment.close());

const newCustomer = () => `customer-${randomUUID().slice(0, 8)}`;

async function charged(customerId: string, token: string): Promise<string> {
  const orderId = randomUUID();
  await payment.send(paymentCommands, pay(orderId, customerId, 40, { card: token }));
  await payment.answered(orderId, 1);
  return orderId;
}

describe('the erasure of a customer by the payment service', () => {
  it('leaves no token of a card readable, while every stream still folds', async () => {
    const token = fc.stringMatching(/^tok_[a-z]{12,20}$/);
    await fc.assert(
      fc.asyncProperty(fc.array(token, { minLength: 1, maxLength: 3 }), async (tokens) => {
        const customerId = newCustomer();
        const orders = await Promise.all(tokens.map((each) => charged(customerId, each)));

        expect(await eraseSubject(payment, customerId, orders)).toMatchObject({ state: 'erased' });

        expect(await tablesWith(payment.database.sql, tokens)).toEqual([]);
        const states = await foldedStates(payment);
        for (const orderId of orders)
          expect(states.get(paymentStream(orderId))).toMatchObject({ status: 'failed', customerId });
      }),
      { numRuns: 3 },
    );
  }, 120_000);

  it('waits for a charge that the provider has not answered, whose stored request is sealed', async () => {
    const customerId = newCustomer();
    const orderId = randomUUID();
    const answer = await payment.hold('LOCK TABLE provider_charge IN EXCLUSIVE MODE');
    await payment.send(paymentCommands, pay(orderId, customerId, 40, { card: 'tok_approve' }));
    await payment.handled(paymentCommands, orderId);
    await askToErase(payment, customerId);
    await passClosing(payment, customerId);

    const open = { calls: [chargeKey(orderId)] };
    expect(await askToErase(payment, customerId)).toEqual({ state: 'waiting', reason: 'open_work', open });
    expect(await tablesWith(payment.database.sql, ['tok_approve'])).toEqual([]);
    await answer();
    await payment.answered(orderId, 1);
    expect(await askToErase(payment, customerId)).toMatchObject({ state: 'erased' });
  });

  it('does not wait for a charge whose key is lost, and drops it', async () => {
    const customerId = newCustomer();
    const { sql } = payment.database;
    const sealed = { sealed: 1, subject: customerId, data: 'A'.repeat(64) };
    await sql.query(
      `INSERT INTO external_call (kind, key, payload, metadata) VALUES ($1, $2, $3, '{"correlationId": "x"}')`,
      [chargeKind, customerId, JSON.stringify(sealed)],
    );
    const stored = async () =>
      (await sql.query('SELECT last_error FROM external_call WHERE key = $1', [customerId])).rows;
    await until(stored, ([row]) => row?.['last_error'] !== null);
    expect(await stored()).toEqual([
      { last_error: expect.stringContaining('restore the backup of the keys') },
    ]);

    expect(await eraseSubject(payment, customerId)).toMatchObject({ state: 'erased' });
    await until(stored, (rows) => rows.length === 0);
  });

  it('removes the bytes of the key only with the last request, which can take long', async () => {
    const customerId = newCustomer();
    await askToErase(payment, customerId);
    await passClosing(payment, customerId);

    const first = await askToErase(payment, customerId, [], true);
    const last = await askToErase(payment, customerId);

    expect(first).toMatchObject({ state: 'erased' });
    expect(first).not.toHaveProperty('walRemoved');
    expect(last).toMatchObject({ state: 'erased', walRemoved: true });
  });

  it('says how long a process may still have the destroyed key, or a call that was made with it', async () => {
    const customerId = newCustomer();
    const { sql } = payment.database;
    const inUse = async () => {
      const answer = await fetch(`${payment.service().opsUrl}/ops/erasures/${customerId}`);
      return ((await answer.json()) as { inUse?: boolean }).inUse;
    };
    await eraseSubject(payment, customerId);

    const atFirst = await inUse();
    await payment.keys?.sql.query(
      `UPDATE subject_key SET erased_at = erased_at - interval '10 seconds' WHERE subject = $1`,
      [customerId],
    );
    const afterwards = await inUse();
    await sql.query(
      `INSERT INTO external_call (kind, key, payload, metadata) VALUES ('none', 'x', $1, '{}')`,
      [JSON.stringify({ sealed: 1, subject: customerId, data: '' })],
    );
    const withCall = await inUse();
    await sql.query(`DELETE FROM external_call WHERE kind = 'none'`);

    expect({ atFirst, afterwards, withCall }).toEqual({ atFirst: true, afterwards: false, withCall: true });
  });

  it('erases what processes without keys have stored in plain text', async () => {
    const customerId = newCustomer();
    const orderId = await charged(customerId, 'tok_approve');
    const { sql } = payment.database;
    await sql.query(
      `UPDATE event SET personal = '{"token": "tok_plain"}' WHERE stream = $1 AND version = 1`,
      [paymentStream(orderId)],
    );
    expect(await tablesWith(sql, ['tok_plain'])).toEqual(['event']);

    const { cleared } = await eraseSubject(payment, customerId, [orderId]);

    expect(cleared).toEqual({ events: 1, snapshots: 0 });
    expect(await tablesWith(sql, ['tok_plain'])).toEqual([]);
  });
});
