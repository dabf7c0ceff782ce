import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ask,
  openShop,
  query,
  request,
  StoryTeller,
  type OrderStyle,
  type Shop,
} from '@millrace/test-support/shop';
import { serviceNames, startStack, until, type TestStack } from '@millrace/test-support/stack';
import { testEngine } from '@millrace/testing/engine';
import { programCommand, programEnvironment } from '@millrace/testing/program-command';
import { Client } from 'pg';
import { findBytes, findIn, formsOf, type Needles } from './find-bytes.ts';

const workspace = join(import.meta.dirname, '../../..');
const waitMsMax = 60_000;
/** A stack that runs can be backed up with the embedded broker only. */
const takesBackups = testEngine() === 'embedded';

/** Texts that are nowhere unless somebody has stored them. */
const zora = {
  name: 'Zora Quillfeather',
  street: 'Sphinxquartz Alley "9ß"',
  email: 'zora.quillfeather@vexillum.example',
  card: 'tok_judge_my_vow',
};
const canaries: Needles = new Map(Object.values(zora).flatMap((text) => [...formsOf(text)]));
const adasEmail = 'ada.wolkenstein@vexillum.example';

interface Order {
  readonly orderId: string;
}

interface Choice {
  readonly paymentMethod?: unknown;
  readonly style?: OrderStyle;
}

describe('the erasure of a customer', () => {
  let stack: TestStack;
  let teller: StoryTeller;
  let shop: Shop;
  let backups: string;
  const orders: Record<'completed' | 'cancelled' | 'deadLettered', string> = {
    completed: '',
    cancelled: '',
    deadLettered: '',
  };
  /** The status of each order before the erasure. */
  const ended = new Map<string, string>();
  /** What `verify` has found before the erasure: the dead letter. */
  let lasting: readonly object[] = [];
  let ofAda = '';
  let keys: Needles = new Map();

  const place = (
    customer: string,
    email: string,
    { paymentMethod = 'account', style = 'choreographed' }: Choice = {},
  ) => {
    const body = shop.orderOf({ customer, lines: { lamp: 1 }, email, style });
    const shippingAddress = { ...body.shippingAddress, name: zora.name, street: zora.street };
    const personal = customer === 'zora' ? { shippingAddress, paymentMethod } : {};
    return request<Order>('POST', `${stack.urls.order}/orders`, { ...body, ...personal });
  };
  const statusOf = async (orderId: string) =>
    (await ask<{ status: string }>('GET', `${stack.urls.order}/orders/${orderId}`)).status;
  const ends = (orderId: string, status: string) =>
    until(`order ${orderId} to be ${status}`, waitMsMax, async () => (await statusOf(orderId)) === status);
  const mailed = (orderId: string) =>
    until(`a mail about ${orderId}`, waitMsMax, async () => {
      const [order] = (await shop.orders()).filter((each) => each.orderId === orderId);
      return order !== undefined && (await shop.mails(order)).length > 0;
    });

  const npm = (name: string, ...args: readonly string[]) => {
    const { NODE_OPTIONS: _jestOnly, ...inherited } = process.env;
    const env = { ...inherited, MILLRACE_DATA: stack.dataFolder };
    return promisify(execFile)('npm', ['run', '--silent', name, '--', ...args], { cwd: workspace, env });
  };
  const millrace = async (...args: string[]): Promise<string> => {
    const command = [...programCommand('apps/cli/src/main.ts'), ...args, '--data', stack.dataFolder];
    return (await promisify(execFile)(process.execPath, command, { env: programEnvironment() })).stdout;
  };
  const erase = async () =>
    JSON.parse(
      await millrace('erase', shop.customerId('zora'), '--reason', 'GDPR-17', '--yes', '--json'),
    ) as object;

  const violations = async () => {
    const found = await millrace('verify', '--wait', '1', '--json').catch(
      ({ stdout }: { stdout: string }) => stdout,
    );
    return (JSON.parse(found) as { violations: readonly object[] }).violations;
  };

  beforeAll(async () => {
    backups = await mkdtemp(join(tmpdir(), 'millrace-erasure-'));
    stack = await startStack({
      SAGA_STEP_TIMEOUT_MS: '4000',
      ORDER_DEADLINE_MS: '4000',
      RETRY_IN_PLACE_MS: '0',
      RETRY_PARKED_MS: '0',
    });
    teller = new StoryTeller(stack.bootstrapServers);
    shop = await openShop(stack, teller, { stock: { lamp: 100 }, accounts: { zora: 100_00, ada: 100_00 } });
  });
  afterAll(async () => {
    await teller?.close();
    await stack?.stop();
    await rm(backups, { recursive: true, force: true });
  });

  it('finds personal data nowhere in plain text but in the stored mails, even before', async () => {
    orders.completed = (await place('zora', zora.email, { style: 'orchestrated' })).body.orderId;
    orders.cancelled = (await place('zora', zora.email, { paymentMethod: { card: zora.card } })).body.orderId;
    ofAda = (await place('ada', adasEmail)).body.orderId;
    await ends(orders.completed, 'completed');
    await ends(orders.cancelled, 'cancelled');
    await query(stack, 'shipping', 'ALTER TABLE external_call RENAME TO external_call_away');
    orders.deadLettered = (await place('zora', zora.email)).body.orderId;
    const letters = `${stack.operators?.['shipping']}/ops/dead-letters?key=${orders.deadLettered}`;
    await until('the dead letter', waitMsMax, async () => {
      const { items } = await ask<{ items: readonly object[] }>('GET', letters);
      return items.length > 0;
    });
    await query(stack, 'shipping', 'ALTER TABLE external_call_away RENAME TO external_call');
    await until('the end of the order with the dead letter', waitMsMax, async () =>
      ['completed', 'cancelled'].includes(await statusOf(orders.deadLettered)),
    );
    for (const orderId of Object.values(orders)) ended.set(orderId, await statusOf(orderId));
    for (const orderId of [...Object.values(orders), ofAda]) await mailed(orderId);

    lasting = await violations();
    expect(await findBytes(stack.mailFolder, canaries)).not.toEqual([]);
    expect(await readable(stack)).toEqual([]);
    keys = await keysOf(stack, shop.customerId('zora'));
    expect(keys.size).toBe(4);
    if (!takesBackups) return;
    await npm('backup', '--to', join(backups, 'data'), '--keys-to', join(backups, 'keys'));
    expect(await findBytes(join(backups, 'data'), new Map([...canaries, ...keys]))).toEqual([]);
    expect(await findBytes(join(backups, 'keys'), keys)).not.toEqual([]);
  }, 120_000);

  it('ends in every service, empties the mails, and can be repeated', async () => {
    const erased = { state: 'erased', at: expect.any(String) };
    const services = ['order', 'payment', 'shipping', 'notification'].map((service) => ({
      service,
      ...erased,
    }));

    expect(await erase()).toMatchObject({
      complete: true,
      orders: 3,
      mails: 3,
      services: expect.arrayContaining(services.map((each) => expect.objectContaining(each))),
    });
    expect(await erase()).toMatchObject({ complete: true, orders: 3, mails: 3 });
  }, 120_000);

  it('refuses new orders of that customer, and leaves the others alone', async () => {
    expect(await place('zora', zora.email)).toMatchObject({ status: 409, body: { code: 'customer_erased' } });

    const next = (await place('ada', adasEmail)).body.orderId;
    await ends(next, 'completed');
    await mailed(next);
    const adas = await findBytes(stack.mailFolder, formsOf(adasEmail));
    expect(adas).toEqual(
      expect.arrayContaining([expect.stringContaining(ofAda), expect.stringContaining(next)]),
    );
  }, 60_000);

  it('leaves orders, histories, sagas and replays as they were', async () => {
    for (const orderId of Object.values(orders)) {
      expect(await statusOf(orderId)).toBe(ended.get(orderId));
      expect(await request('GET', `${stack.urls.order}/orders/${orderId}/history`)).toMatchObject({
        status: 200,
      });
      expect(await request('GET', `${stack.urls.order}/sagas/${orderId}`)).toMatchObject({ status: 200 });
    }
    await millrace('projections', 'rebuild', 'order', 'order_summary', '--reason', 'GDPR-17', '--wait');
    expect(await statusOf(orders.completed)).toBe('completed');
    expect(await violations()).toEqual(lasting);
  }, 60_000);

  it('leaves neither personal data nor a destroyed key in any file, once the stack has stopped', async () => {
    // The erasure itself has removed the keys from the files of their database.
    for (const statement of ['VACUUM', 'SELECT pg_switch_wal()', 'CHECKPOINT'])
      for (const url of serviceDatabases(stack)) await withClient(url, (client) => client.query(statement));
    await stack.stop({ keepData: true });

    const needles = new Map([...canaries, ...keys]);
    expect(await findBytes(stack.dataFolder, needles)).toEqual([]);
    if (takesBackups) expect(await findBytes(join(backups, 'data'), needles)).toEqual([]);
  }, 60_000);

  if (!takesBackups) return;

  it('R26 is repeated by its ledger after a restore of data and keys from before it', async () => {
    const lost = join(backups, 'lost');
    await rename(stack.dataFolder, lost);
    const from = ['--from', join(backups, 'data')];
    const keysFrom = ['--keys-from', join(backups, 'keys')];
    const ledger = join(lost, 'erasures.jsonl');
    const restored = await npm('restore', ...from.concat(keysFrom), '--erasures', ledger);
    expect(restored.stdout).toContain('has 1 erasure: once the stack has started, repeat them with');
    await stack.startAgain();
    expect((await keysOf(stack, shop.customerId('zora'))).size).toBe(4);

    const again = () => millrace('erase', '--replay', '--reason', 'restored', '--yes', '--json');
    const replayed = JSON.parse(await again()) as object;
    expect(replayed).toMatchObject({
      complete: true,
      left: 0,
      customers: [{ customer: shop.customerId('zora'), complete: true, orders: 3, mails: 3 }],
    });
    expect(JSON.parse(await again())).toMatchObject({ complete: true });

    expect((await keysOf(stack, shop.customerId('zora'))).size).toBe(0);
    expect(await place('zora', zora.email)).toMatchObject({ status: 409, body: { code: 'customer_erased' } });
    const adas = (await place('ada', adasEmail)).body.orderId;
    await ends(adas, 'completed');
    await npm('backup', '--to', join(backups, 'later'));
    expect(await readFile(join(backups, 'later/data/erasures.jsonl'), 'utf8')).toBe(
      await readFile(ledger, 'utf8'),
    );
    await stack.stop({ keepData: true });
    expect(await findBytes(stack.dataFolder, keys)).toEqual([]);
  }, 180_000);
});

const serviceDatabases = ({ postgresUrl }: TestStack): readonly string[] =>
  serviceNames.map((service) => `${postgresUrl}/millrace_${service}`);

async function withClient<Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Returns the tables whose rows contain a canary, also in values that PostgreSQL compresses. */
async function readable(stack: TestStack): Promise<readonly string[]> {
  const found: string[] = [];
  for (const url of [...serviceDatabases(stack), stack.keysUrl])
    await withClient(url, async (client) => {
      const tables = await client.query<{ name: string }>(
        `SELECT quote_ident(table_name) AS name FROM information_schema.tables WHERE table_schema = 'public'`,
      );
      for (const { name } of tables.rows) {
        const { rows } = await client.query<{ text: string }>(`SELECT row::text AS text FROM ${name} AS row`);
        const bytes = Buffer.from(rows.map(({ text }) => text).join('\n'));
        found.push(...findIn(bytes, canaries).map((what) => `${url} ${name} has ${what}`));
      }
    });
  return found;
}

/** The bytes of a customer's keys, which are random. */
const keysOf = ({ keysUrl }: TestStack, subject: string): Promise<Needles> =>
  withClient(keysUrl, async (client) => {
    const text = 'SELECT holder, key FROM subject_key WHERE subject = $1 AND key IS NOT NULL';
    const { rows } = await client.query<{ holder: string; key: Buffer }>(text, [subject]);
    return new Map(rows.map(({ holder, key }) => [`the key of ${holder}`, key]));
  });
