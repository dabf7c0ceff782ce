import { describe, expect, it } from '@jest/globals';
import { ask, holdTable, holdTopic, query, request, type PlacedOrder } from '@millrace/test-support/shop';
import { until } from '@millrace/test-support/stack';
import { alarm, figure, follows } from './operator.fixture.ts';
import { allComplete, runbookStack, without } from './runbook-stack.fixture.ts';

interface Listed {
  readonly items: ReadonlyArray<Readonly<Record<string, string>>>;
}
interface ListedSaga {
  readonly sagaId: string;
}
interface ShownSaga {
  readonly status: string;
  readonly waitsFor: readonly { readonly step: string }[];
}

/** A message that cannot be handled here is a dead letter at once, because nothing tries it again. */
const { stack, place } = runbookStack({ settings: { RETRY_PARKED_MS: '0' } });
/** The runbook leaves open which service runs the saga. */
const inOrder = { SERVICE: 'order' };
const onlyOrder = async (): Promise<PlacedOrder> => (await place(1))[0]!;

/** On a stack of their own, because these stories mostly wait for the next poll of the timers. */
describe('Z17 the entries of the runbook about sagas', () => {
  const changed = (text: string, { orderId }: PlacedOrder, ...values: readonly unknown[]) =>
    query(stack(), 'order', text, [orderId, ...values]);
  /** Lets time pass for the timers of a saga. */
  const timersDue = (order: PlacedOrder) =>
    changed(`UPDATE saga_timer SET due_at = now() - interval '90 seconds' WHERE saga_id = $1`, order);

  follows(
    ['MillraceSagasNeedAttention', 'MillraceSagasStuck'],
    'a saga that no participant answers is found, and ends once its participant is back',
    stack,
    async ({ run, json }) => {
      const letShip = await holdTopic(stack(), 'shipping', 'shipping-commands');
      const order = await onlyOrder();
      await order.sent('ship');
      const letCommit = await holdTopic(stack(), 'inventory', 'inventory-commands');
      try {
        await letShip();
        await order.sent('commit');
        await until('the step to be sent 8 times', 60_000, async () => {
          await timersDue(order);
          const seen = 'SELECT 1 FROM saga_instance WHERE saga_id = $1 AND needs_attention';
          return (await changed(seen, order)).length > 0;
        });
        await changed(
          `UPDATE saga_instance SET started_at = started_at - interval '2 hours' WHERE saga_id = $1`,
          order,
        );
        await changed(`UPDATE saga_timer SET since = since - interval '2 hours' WHERE saga_id = $1`, order);
        await alarm(stack(), 'order', 'sagas_need_attention', 'raised');
        await alarm(stack(), 'order', 'saga_age', 'raised');

        for (const list of ['sagas list --state needs_attention', 'sagas list --older-than 3600'])
          expect(await json<readonly ListedSaga[]>(list)).toMatchObject([{ sagaId: order.orderId }]);
        const shown = await json<ShownSaga>('sagas show ID', { ID: order.orderId });
        expect(shown.waitsFor).toMatchObject([{ step: 'commit' }]);
        expect(await json('lag GROUP --behind', { GROUP: 'inventory' })).toContainEqual(
          expect.objectContaining({ topic: 'inventory-commands' }),
        );
        for (const nothingWrong of ['parked list', 'dlq list', 'sagas holds', 'sagas timed'])
          expect(await json(nothingWrong)).toEqual([]);
        expect(await run('outbox')).toMatch(/^inventory +0 /m);
      } finally {
        await letCommit();
      }
      await until(
        'the participant to have read everything',
        30_000,
        async () =>
          (await json<readonly object[]>('lag GROUP --behind', { GROUP: 'inventory' })).length === 0,
      );
      await run('sagas retry ID --reason TEXT', {
        ID: order.orderId,
        TEXT: 'INC-7: inventory is back',
      }).catch(
        // The answer to the first command may have ended the saga before.
        async (error: unknown) => {
          if ((await json<ShownSaga>('sagas show ID', { ID: order.orderId })).status !== 'completed')
            throw error;
        },
      );
      await allComplete([order]);
      await alarm(stack(), 'order', 'sagas_need_attention', 'cleared');
      await alarm(stack(), 'order', 'saga_age', 'cleared');
    },
  );

  follows(
    ['MillraceTimersOverdue'],
    'timers that wait behind unread messages fire once the messages are read',
    stack,
    async ({ run, json }) => {
      const letRead = await holdTopic(stack(), 'order', 'payment-events');
      const order = await onlyOrder();
      try {
        await order.sent('pay');
        await until('the answer to be on the log', 30_000, async () =>
          (await order.publicEvents()).some(({ type }) => type === 'PaymentProcessed'),
        );
        await timersDue(order);
        await alarm(stack(), 'order', 'timers_overdue', 'raised');
        expect(await json('lag SERVICE --behind', inOrder)).toContainEqual(
          expect.objectContaining({ topic: 'payment-events' }),
        );
        await run('logs SERVICE', inOrder);
      } finally {
        await letRead();
      }
      await allComplete([order]);
      await alarm(stack(), 'order', 'timers_overdue', 'cleared');
    },
  );

  follows(
    ['MillraceTimersUnadopted'],
    'a saga of which no message is handled is found, and ends once its first message is',
    stack,
    async ({ run, json }) => {
      const holds = [
        await holdTopic(stack(), 'order', 'order-events'),
        await holdTopic(stack(), 'inventory', 'inventory-commands'),
      ];
      const order = await onlyOrder();
      try {
        await timersDue(order);
        await alarm(stack(), 'order', 'timers_unadopted', 'raised');
        const listed =
          'sql SERVICE -c "SELECT saga_id FROM saga_timer WHERE partition IS NULL AND due_at < now()"';
        expect(await json(listed, inOrder)).toEqual([{ saga_id: order.orderId }]);
        expect(await json('lag SERVICE --behind', inOrder)).toContainEqual(
          expect.objectContaining({ topic: 'order-events' }),
        );
        expect(await run('outbox')).toMatch(/^order +0 /m);
        for (const nothingWrong of ['parked list', 'dlq list']) expect(await json(nothingWrong)).toEqual([]);
      } finally {
        for (const end of holds) await end();
      }
      await allComplete([order]);
      await alarm(stack(), 'order', 'timers_unadopted', 'cleared');
    },
  );

  follows(
    ['MillracePartitionBlocked', 'MillraceSagaVersionUnknown'],
    'a saga of a later release holds its partition until a process knows the version',
    stack,
    async ({ run }) => {
      const letShip = await holdTopic(stack(), 'shipping', 'shipping-commands');
      const order = await onlyOrder();
      /** A saga that a later release has started, as its row and its first event say. */
      const versionIs = async (version: number) => {
        await changed('UPDATE saga_instance SET version = $2::int WHERE saga_id = $1', order, version);
        const started = `UPDATE event SET data = jsonb_set(data, '{version}', to_jsonb($2::int))
          WHERE stream = 'saga-fulfillment-' || $1 AND type = 'SagaStarted'`;
        await changed(started, order, version);
      };
      try {
        await order.sent('ship');
        await versionIs(99);
        await alarm(stack(), 'order', 'saga_version_unknown', 'raised');
      } finally {
        await letShip();
      }
      await figure(stack(), 'order', /^millrace_consumer_partitions_blocked/, (partitions) => partitions > 0);
      expect(await run('status')).toMatch(/shipping-events\/\d is blocked: .*version 99/);
      // A process that knows the version.
      await versionIs(1);
      await allComplete([order]);
      await alarm(stack(), 'order', 'saga_version_unknown', 'cleared');
    },
  );

  follows(
    ['MillraceExternalCallsStuck'],
    'a call to a provider that does not answer is found, and gets its result once the provider is back',
    stack,
    async ({ json }) => {
      const letCharge = await holdTable(stack(), 'payment', 'provider_charge');
      const order = await onlyOrder();
      try {
        await alarm(stack(), 'payment', 'external_call_age', 'raised');
        const waiting =
          'sql SERVICE -c "SELECT kind, key, attempts, last_error FROM external_call ORDER BY id LIMIT 20"';
        expect(await json(waiting, { SERVICE: 'payment' })).toContainEqual(
          expect.objectContaining({ key: `${order.orderId}:pay` }),
        );
      } finally {
        await letCharge();
      }
      await allComplete([order]);
      await alarm(stack(), 'payment', 'external_call_age', 'cleared');
    },
  );
});

describe('a saga whose participant always fails', () => {
  const operator = { 'millrace-actor': 'grace' };
  const reason = 'INC-7: the table of reservations is back';
  const ops = (service: string, path: string) => `${stack().operators?.[service]}/ops/${path}`;
  const letterOf = async ({ orderId }: PlacedOrder) => {
    let found: Listed['items'] = [];
    await until('the dead letter of the order', 30_000, async () => {
      found = (await ask<Listed>('GET', ops('inventory', `dead-letters?key=${orderId}`))).items;
      return found.length > 0;
    });
    return found[0]!;
  };
  const waiting = async () =>
    (await ask<Listed>('GET', ops('order', 'sagas?state=live&step=reserve'))).items.map(
      ({ sagaId }) => sagaId,
    );

  it('Z08 is found, and ends once the participant is repaired and its message or the saga is tried again', async () => {
    const found = await without(stack(), 'inventory', 'reservation', async () => {
      const redriven = await onlyOrder();
      const retried = await onlyOrder();
      const letters = [await letterOf(redriven), await letterOf(retried)] as const;
      expect(letters[0]['reason']).toContain('reservation');
      expect(await waiting()).toEqual(expect.arrayContaining([redriven.orderId, retried.orderId]));
      return { redriven, retried, letters };
    });
    const { redriven, retried, letters } = found;
    const decided = (id = '') => ({ ids: [id], reason });
    await ask('POST', ops('inventory', 'dead-letters/redrive'), decided(letters[0]['id']), operator);
    await ask('POST', ops('inventory', 'dead-letters/discard'), decided(letters[1]['id']), operator);
    const saga = await request('GET', ops('order', `sagas/${retried.orderId}`));
    const seen = { 'if-match': saga.headers.get('etag') ?? '' };
    const actions = ops('order', `sagas/${retried.orderId}/actions`);
    await ask('POST', actions, { action: 'retry', reason }, { ...operator, ...seen });

    await allComplete([redriven, retried]);
    expect(await waiting()).toEqual([]);
    await until('the dead letters to leave the log', 30_000, async () => {
      const { items } = await ask<Listed>('GET', ops('inventory', 'dead-letters?state=all'));
      return items.length === 0;
    });
  });
});
