import { execFile, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { holdTopic, openShop, StoryTeller, type PlacedOrder, type Shop } from '@millrace/test-support/shop';
import { sharedStack, until } from '@millrace/test-support/stack';
import { kcat } from '@millrace/testing/kcat';
import { programCommand, programEnvironment } from '@millrace/testing/program-command';

const stack = sharedStack();
const teller = new StoryTeller(stack.bootstrapServers);
afterAll(() => teller.close());

/** Runs `npm run millrace -- ...` as an operator would, with nothing but the data folder of the stack. */
async function millrace(...args: string[]): Promise<string> {
  const options = { env: programEnvironment(), maxBuffer: 16 * 1024 * 1024 };
  const command = [...programCommand('apps/cli/src/main.ts'), ...args, '--data', stack.dataFolder];
  const { stdout } = await promisify(execFile)(process.execPath, command, options);
  return stdout;
}

/** Parses what a command prints. Its exit code may be 1, because it judges what other tests left behind. */
const jsonOf = async <Result>(...args: string[]): Promise<Result> =>
  JSON.parse(await millrace(...args, '--json').catch(({ stdout }: { stdout: string }) => stdout)) as Result;

describe('the command line beside a running stack', () => {
  let shop: Shop;
  let order: PlacedOrder;
  beforeAll(async () => {
    shop = await openShop(stack, teller, { stock: { lamp: 10 }, accounts: { ada: 100_00 } });
    order = await shop.place({ customer: 'ada', lines: { lamp: 2 } });
    await order.endsAs('completed');
  });

  it('Z15 finds every part of it in the data folder', async () => {
    const status = await jsonOf<{
      services: { process: string; status: string }[];
      groups: { rows: { group: string }[] };
      sagas: { rows: { definition: string }[] };
    }>('status');
    expect(status.services.map((service) => service.process)).toEqual(Object.keys(stack.instances));
    expect(status.services.filter((service) => service.status !== 'ready')).toEqual([]);
    expect(status.groups.rows.map(({ group }) => group)).toEqual(
      expect.arrayContaining(['order', 'inventory', 'payment']),
    );
    expect(status.sagas.rows).toContainEqual(
      expect.objectContaining({ definition: 'fulfillment', status: 'completed' }),
    );
    expect(await millrace('doctor')).toMatch(/^stack +ok +runs as process \d+/m);
  });

  it('reads the messages of an order with their attributes', async () => {
    const out = await millrace('messages', 'order-events', '--key', order.orderId, '--limit', '2', '--json');
    const [first] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(first).toMatchObject({
      key: order.orderId,
      event: { type: 'OrderCreated', source: '/millrace/order', correlationid: expect.any(String) },
      value: { type: 'OrderCreated', orderId: order.orderId },
    });
  });

  it('answers SQL from the database of a service', async () => {
    const text = `SELECT status FROM order_summary WHERE order_id = '${order.orderId}'`;
    expect(JSON.parse(await millrace('sql', 'order', '-c', text, '--json'))).toEqual([
      { status: 'completed' },
    ]);
  });

  it('runs the statements that it is given as input', async () => {
    const command = [...programCommand('apps/cli/src/main.ts'), 'sql', 'order', '--data', stack.dataFolder];
    const { stdout, status } = spawnSync(process.execPath, command, {
      env: programEnvironment(),
      input: 'SELECT 40 + 2\n  AS answer;\nnonsense;\nSELECT 7 AS seven;\n',
      encoding: 'utf8',
    });
    expect({ stdout, status }).toEqual({ stdout: 'answer\n42\n(1 row)\nseven\n7\n(1 row)\n', status: 0 });
  });

  it('Z13 finds that the books of the order agree', async () => {
    const found = await jsonOf<{ orders: number; violations: { subject: string }[] }>(
      'verify',
      '--wait',
      '30',
    );
    expect(found.orders).toBeGreaterThan(0);
    // Orders of other tests may still be under way.
    expect(found.violations.filter(({ subject }) => subject.includes(order.orderId))).toEqual([]);
  }, 90_000);

  it('refuses to move the offsets that a service keeps in its database', async () => {
    await expect(
      millrace('offsets', 'reset', 'order', '--to-earliest', '--execute', '--yes'),
    ).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('keeps its offsets in the database of its service'),
    });
  });

  describe('for a saga whose participant does not answer', () => {
    interface Saga {
      readonly status: string;
      readonly paused?: { readonly actor: string; readonly reason: string };
      readonly waitsFor: ReadonlyArray<{ readonly step: string; readonly replies: readonly string[] }>;
      readonly events: ReadonlyArray<{ readonly type: string }>;
    }
    const reason = ['--reason', 'INC-7: the carrier is away'];
    const shown = (saga: string) => jsonOf<Saga>('sagas', 'show', saga);

    async function waitingOrder(): Promise<PlacedOrder> {
      const waiting = await shop.place({ customer: 'ada', lines: { lamp: 1 } });
      await until('the saga to wait for its shipment', 20_000, async () =>
        (await shown(waiting.orderId)).waitsFor.some(({ step }) => step === 'ship'),
      );
      return waiting;
    }

    it('Z15 finds it by its step, pauses, resumes and retries it, and the order completes', async () => {
      const letGo = await holdTopic(stack, 'shipping', 'shipping-commands');
      try {
        const { orderId } = await waitingOrder();
        const listed = await jsonOf<{ sagaId: string }[]>(
          'sagas',
          'list',
          '--step',
          'ship',
          '--limit',
          '500',
        );
        expect(listed.map(({ sagaId }) => sagaId)).toContain(orderId);

        const { violations } = await jsonOf<{ violations: { subject: string }[] }>('verify', '--wait', '1');
        expect(violations).toContainEqual(
          expect.objectContaining({
            kind: 'unended_order',
            subject: `order ${orderId}`,
            mayBeUnderWay: true,
          }),
        );

        await millrace('sagas', 'pause', orderId, ...reason, '--actor', 'ada@example.org');
        expect((await shown(orderId)).paused).toMatchObject({
          actor: 'ada@example.org',
          reason: 'INC-7: the carrier is away',
        });
        await millrace('sagas', 'resume', orderId, ...reason);
        expect((await shown(orderId)).paused).toBeUndefined();
        expect(await millrace('sagas', 'retry', orderId, ...reason)).toContain('waits for ShipmentScheduled');
        await letGo();
        await until(
          'the order to complete',
          30_000,
          async () => (await shown(orderId)).status === 'completed',
        );
      } finally {
        await letGo();
      }
    }, 90_000);

    it('undoes it on request, but never without --yes where nobody can be asked', async () => {
      const letGo = await holdTopic(stack, 'shipping', 'shipping-commands');
      try {
        const waiting = await waitingOrder();
        await expect(millrace('sagas', 'compensate', waiting.orderId, ...reason)).rejects.toMatchObject({
          code: 2,
          stderr: expect.stringContaining('add --yes'),
        });
        await millrace('sagas', 'compensate', waiting.orderId, ...reason, '--yes');
        await letGo();
        await until(
          'the saga to be undone',
          30_000,
          async () => (await shown(waiting.orderId)).status === 'compensated',
        );
        await expect(millrace('sagas', 'retry', waiting.orderId, ...reason)).rejects.toMatchObject({
          code: 1,
        });
      } finally {
        await letGo();
      }
    }, 90_000);
  });

  it('shows outboxes and the events of an order, and rebuilds a read model', async () => {
    const outboxes = await jsonOf<{ service: string; publisher: string | null }[]>('outbox');
    expect(outboxes.map(({ service }) => service)).toEqual(expect.arrayContaining(['order', 'payment']));
    const events = await jsonOf<{ type: string }[]>('streams', 'show', `order-${order.orderId}`);
    expect(events.map(({ type }) => type)).toEqual(['OrderCreated', 'OrderCompleted']);
    const tree = (await millrace('streams', 'tree', order.orderId)).split('\n');
    expect(tree.filter((line) => /^\w/.test(line)).map((line) => line.split(' ', 1)[0])).toEqual([
      'EVENT',
      'OrderCreated',
    ]);
    for (const caused of ['InventoryReserved', 'PaymentProcessed', 'MoneyWithdrawn', 'MailRequested'])
      expect(tree).toContainEqual(expect.stringMatching(new RegExp(`─ ${caused} `)));
    await jsonOf('parked', 'list');
    await millrace('projections', 'rebuild', 'order', 'order_summary', '--reason', 'INC-9', '--wait');
    expect(await jsonOf('projections', 'rebuilds')).toEqual([]);
  }, 60_000);

  it('Z15 lists a dead letter with its reason, and discards it with a reason', async () => {
    const key = `no-order-${randomUUID()}`;
    await kcat(
      ['-P', '-b', stack.bootstrapServers, '-t', 'inventory-commands', '-K', ':'],
      `${key}:no message`,
    );
    const letters = (state: string) =>
      jsonOf<{ id: string; reason: string; decision: object | null }[]>(
        'dlq',
        'list',
        '--key',
        key,
        '--state',
        state,
      );
    await until('the dead letter to be listed', 20_000, async () => (await letters('open')).length === 1);

    const [letter] = await letters('open');
    const { id } = letter!;
    expect(await millrace('dlq', 'show', id)).toContain('no message');
    const decided = ['--reason', 'INC-8: a slip of the keyboard', '--actor', 'ada@example.org'];
    expect(await millrace('dlq', 'discard', id, ...decided, '--dry-run')).toContain('discarded');
    expect(await letters('open')).toHaveLength(1);
    expect(await millrace('dlq', 'discard', id, ...decided, '--yes')).toContain('1 discarded');
    // A letter that is decided leaves the topic, so that the alarm clears.
    expect(await letters('all')).toEqual([]);
    await expect(millrace('dlq', 'redrive', id, ...decided, '--yes')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`no dead letter ${id}`),
    });
  }, 60_000);
});
