import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { notificationCommands } from '@millrace/contracts';
import { answerTo, until, wrongAddresses } from '@millrace/testing/service';
import { openNotification, type NotificationFixture } from './notification.fixture.ts';

let notification: NotificationFixture;
beforeAll(async () => {
  notification = await openNotification();
});
afterAll(() => notification.close());

const listed = async (orderId: string) =>
  (await notification.call('GET', `/notifications?orderId=${orderId}`)).body.items;
const attemptsAt = (orderId: string) => async () => {
  const { rows } = await notification.database.sql.query<{ attempts: number; last_error: string | null }>(
    'SELECT attempts, last_error FROM external_call WHERE key LIKE $1',
    [`${orderId}%`],
  );
  return rows[0];
};

describe('a mail', () => {
  it('goes out over SMTP once, under a stable Message-ID, and is published and listed', async () => {
    const orderId = randomUUID();
    expect(await listed(orderId)).toEqual([]);
    const askId = await notification.ask(orderId);
    const [told] = await notification.toldOf(orderId, 1);
    expect(told?.message).toEqual({ type: 'NotificationSent', orderId, kind: 'order-completed' });
    expect(told?.headers.get('ce_causationid')).toEqual(askId);
    expect(told?.headers.get('ce_correlationid')).toEqual(`story-${orderId}`);
    const subject = `Your order ${orderId} is complete`;
    expect(await listed(orderId)).toEqual([
      {
        kind: 'order-completed',
        orderId,
        subject,
        status: 'sent',
        sentAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      },
    ]);
    const [mail, ...others] = notification.mailsOf(orderId);
    expect(mail?.messageId).toEqual(`<${orderId}.order-completed@millrace.invalid>`);
    expect(mail?.to).toEqual(['ada@example.org']);
    expect(others).toEqual([]);
    expect(mail?.text).toMatch(/^From: shop@example\.org\r$/m);
    expect(mail?.text).toContain('24.90 EUR');
  });

  it('is sent once per order and kind, however often it is requested', async () => {
    const orderId = randomUUID();
    const id = await notification.ask(orderId);
    await notification.ask(orderId, {}, id);
    await notification.ask(orderId, { to: 'eve@example.org' });
    await notification.toldOf(orderId, 1);
    await notification.ask(orderId);
    await notification.ask(orderId, { kind: 'order-cancelled', reason: 'out_of_stock' });
    const told = await notification.toldOf(orderId, 2);
    expect(told.map(({ message }) => message.kind)).toEqual(['order-completed', 'order-cancelled']);
    expect((await listed(orderId))?.map(({ kind }) => kind)).toEqual(['order-completed', 'order-cancelled']);
    const mails = notification.mailsOf(orderId);
    expect(mails.map(({ messageId, to }) => [messageId, to])).toEqual([
      [`<${orderId}.order-completed@millrace.invalid>`, ['ada@example.org']],
      [`<${orderId}.order-cancelled@millrace.invalid>`, ['ada@example.org']],
    ]);
    expect(mails[1]?.text).toContain('out of stock');
  });

  it('goes out for each kind, with the number of the label of a return', async () => {
    const orderId = randomUUID();
    await notification.ask(orderId, { kind: 'return-label', trackingNumber: 'RL-0199e5a0' });
    await notification.ask(orderId, { kind: 'return-completed' });
    await notification.ask(orderId, { kind: 'return-closed', reason: 'parcel_overdue' });
    const told = await notification.toldOf(orderId, 3);

    const kinds = ['return-label', 'return-completed', 'return-closed'];
    expect(told.map(({ message }) => message.kind).sort()).toEqual(kinds.toSorted());
    expect((await listed(orderId))?.map(({ kind }) => kind).sort()).toEqual(kinds.toSorted());
    const [label] = notification
      .mailsOf(orderId)
      .filter(({ messageId }) => messageId.includes('return-label'));
    expect(label?.text).toContain('The label RL-0199e5a0 is ready');
  });

  it('goes to the dead letters if it announces a label without its number', async () => {
    const orderId = randomUUID();
    await notification.ask(orderId, { kind: 'return-label' });
    const [letter] = await until(
      () => notification.published('notification-commands.dlq', orderId),
      (letters) => letters.length === 1,
    );
    expect(letter?.headers.get('dlq_reason')).toContain('needs the field trackingNumber');
    expect(notification.mailsOf(orderId)).toEqual([]);
  });

  it('waits for a relay that is down', async () => {
    const orderId = randomUUID();
    await notification.relay.stop();
    await notification.ask(orderId);
    await until(attemptsAt(orderId), (call) => (call?.attempts ?? 0) >= 2);
    expect(await notification.told(orderId)).toEqual([]);
    expect(await listed(orderId)).toEqual([]);
    await notification.relay.start();
    await notification.toldOf(orderId, 1);
    expect(notification.mailsOf(orderId)).toHaveLength(1);
  });

  it('D09 is retried if the relay refuses it temporarily, and its address stays out of logs, events and errors', async () => {
    const orderId = randomUUID();
    notification.relay.refuseWith(451);
    await notification.ask(orderId, { to: 'secret.ada@example.org', name: 'Ada Secretlace' });
    const call = await until(
      attemptsAt(orderId),
      (seen) => (seen?.attempts ?? 0) >= 2 && seen?.last_error !== null,
    );
    expect(call?.last_error).toMatch(/EENVELOPE.*451/);
    notification.relay.refuseWith(undefined);
    const told = await notification.toldOf(orderId, 1);
    expect(notification.mailsOf(orderId)).toHaveLength(1);
    const { rows } = await notification.database.sql.query('SELECT data FROM event');
    const { rows: waiting } = await notification.database.sql.query('SELECT payload FROM external_call');
    for (const place of [
      notification.logs.join('\n'),
      JSON.stringify([told, call, rows, waiting, await listed(orderId)]),
    ])
      expect(place).not.toMatch(/secret\.ada|Secretlace/);
  });

  it('O10 fails if the relay refuses it permanently: it is not retried or published, and is listed with the reason', async () => {
    const orderId = randomUUID();
    notification.relay.refuseWith(550);
    await notification.ask(orderId, { to: 'secret.ada@example.org' });
    const items = await until(
      () => listed(orderId),
      (seen) => seen?.length === 1,
    );
    notification.relay.refuseWith(undefined);
    await notification.ask(orderId);
    await notification.handled(notificationCommands, orderId);
    expect(items).toEqual([
      {
        kind: 'order-completed',
        orderId,
        subject: `Your order ${orderId} is complete`,
        status: 'failed',
        failedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        reason: 'refused_by_relay',
      },
    ]);
    expect(await attemptsAt(orderId)()).toBeUndefined();
    expect(await notification.told(orderId)).toEqual([]);
    expect(notification.mailsOf(orderId)).toEqual([]);
    await notification.logged(orderId, { level: 'error', reason: 'refused_by_relay' });
    expect([JSON.stringify(items), notification.logs.join('\n')].join()).not.toContain('secret.ada');
  });

  it('O10 fails if the relay cannot accept it before its retry period ends', async () => {
    const orderId = randomUUID();
    notification.relay.refuseWith(451);
    await notification.ask(orderId);
    await until(attemptsAt(orderId), (call) => (call?.attempts ?? 0) >= 1);
    await notification.database.sql.query(
      "UPDATE external_call SET created_at = created_at - interval '4 days' WHERE key LIKE $1",
      [`${orderId}%`],
    );
    const items = await until(
      () => listed(orderId),
      (seen) => seen?.length === 1,
    );
    notification.relay.refuseWith(undefined);
    expect(items).toEqual([expect.objectContaining({ status: 'failed', reason: 'not_taken_in_time' })]);
    expect(await attemptsAt(orderId)()).toBeUndefined();
    expect(await notification.told(orderId)).toEqual([]);
  });

  it('is logged with its order if it cannot be sent now', async () => {
    const orderId = randomUUID();
    notification.relay.refuseWith(451);
    await notification.ask(orderId);
    await until(attemptsAt(orderId), (call) => (call?.attempts ?? 0) >= 2);
    notification.relay.refuseWith(undefined);
    await notification.toldOf(orderId, 1);
    await notification.logged(orderId, {
      msg: 'external call failed and will be retried',
      correlationId: `story-${orderId}`,
    });
  });

  it('is not lost if a restart interrupts it', async () => {
    const orderId = randomUUID();
    notification.relay.refuseWith(451);
    await notification.ask(orderId);
    await until(attemptsAt(orderId), (call) => (call?.attempts ?? 0) >= 1);
    const stopping = notification.service().stop();
    notification.relay.refuseWith(undefined);
    await stopping;
    await notification.restart();
    await notification.toldOf(orderId, 1);
    expect(notification.mailsOf(orderId)).toHaveLength(1);
  });

  it('goes to the dead letters if its address is invalid, and the next one is sent', async () => {
    const orderId = randomUUID();
    const command = { type: 'SendOrderMail', orderId, kind: 'order-completed', to: 'nobody', name: 'Ada' };
    await notification.send(notificationCommands, { ...command, total: { amount: 1, currency: 'EUR' } });
    await notification.ask(orderId);
    await notification.toldOf(orderId, 1);
    await until(
      () => notification.published('notification-commands.dlq', orderId),
      (letters) => letters.length === 1,
    );
  });
});

const known = '0199f000-0000-4000-8000-000000000001';
const invalid = (field: string) => ({ status: 400, code: 'invalid_request', field });
const wrongAddressRows = wrongAddresses([
  ['/notifications', invalid('orderId')],
  ['/notifications?orderId=42', invalid('orderId')],
  ['/notifications?orderId=%00', invalid('orderId')],
  [`/notifications?orderId=${known}&orderId=${known}`, invalid('orderId')],
  [`/notifications?orderId=${known}&kind=all`, invalid('kind')],
  [`/notifications?orderId=${known}&__proto__=1`, invalid('__proto__')],
  ['/notification', { status: 404, code: 'not_found' }],
  ['/notifications/%ff', { status: 400, code: 'malformed_url' }],
]);

describe('the running service', () => {
  it.each(wrongAddressRows.map((row) => ({ name: row.what, row })))(
    'I08 answers $name with a problem and keeps working',
    async ({ row }) => {
      const answer = await answerTo(notification, row);
      expect(answer).toMatchObject({ status: row.status, code: row.code, isProblem: true });
      if (row.field !== undefined) expect(answer.fields).toContain(row.field);
      expect((await notification.call('GET', '/readyz')).status).toBe(200);
    },
  );

  it('documents its interface', async () => {
    expect(await notification.documentedCalls()).toEqual(['get /notifications']);
  });

  it('logs with the order id and the correlation id', async () => {
    const orderId = randomUUID();
    await notification.ask(orderId);
    await notification.toldOf(orderId, 1);
    await notification.logged(orderId, { correlationId: `story-${orderId}`, type: 'SendOrderMail' });
  });
});
