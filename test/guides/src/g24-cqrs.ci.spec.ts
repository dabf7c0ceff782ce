import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startBroker, type Broker } from '@millrace/streaming-core/broker';
import { startPostgresServer, type PostgresServer } from '@millrace/testing/postgres';
import { runServiceProcess } from '@millrace/testing/service';
import { ask, query, request } from '@millrace/test-support/shop';
import { startReplica, until, type Replica } from '@millrace/test-support/stack';

const stackFolder = join(import.meta.dirname, '../../../apps/stack/src');
const address = { name: 'Ada', street: 'Mill Lane 1', city: 'Berlin', postcode: '10115', country: 'DE' };

interface Placed {
  readonly orderId: string;
  readonly version: number;
}

/**
 * One service runs as a write API, two projectors and a read API, on two databases that the setup
 * step creates.
 */
describe('G24 CQRS', () => {
  let folder: string;
  let broker: Broker;
  let writes: PostgresServer;
  let reads: PostgresServer;
  let env: Record<string, string>;
  let writeApi: Replica;
  let readApi: Replica;
  let projectors: readonly Replica[] = [];

  const start = (instance: string, roles: string) => {
    const engines = {
      postgresUrl: writes.url,
      keysUrl: env.KEYS_DATABASE_URL ?? '',
      bootstrapServers: `127.0.0.1:${broker.port}`,
      smtpUrl: 'smtp://127.0.0.1:9',
    };
    return startReplica(engines, 'order', instance, {
      env: {
        ROLES: roles,
        ORDER_READ_DATABASE_URL: env.ORDER_READ_DATABASE_URL ?? '',
        HTTP_WAIT_MS_MAX: '30000',
      },
    });
  };
  const startReadSide = async () => {
    [readApi, ...projectors] = await Promise.all([
      start('read', 'api'),
      start('projector-1', 'projector'),
      start('projector-2', 'projector'),
    ]);
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-g24-'));
    [broker, writes, reads] = await Promise.all([
      startBroker({ dataFolder: folder, port: 0 }),
      startPostgresServer(),
      startPostgresServer(),
    ]);
    env = {
      POSTGRES_URL: writes.url,
      KEYS_DATABASE_URL: `${writes.url}/millrace_keys`,
      ORDER_READ_DATABASE_URL: `${reads.url}/overviews`,
      KAFKA_BOOTSTRAP_SERVERS: `127.0.0.1:${broker.port}`,
    };
    const { code, stderr } = await runServiceProcess(join(stackFolder, 'migrate'), env).ended;
    if (code !== 0) throw new Error(`the setup step has failed: ${stderr}`);
    await query(
      { postgresUrl: writes.url },
      'order',
      `INSERT INTO product_price (sku, amount, currency) VALUES ('lamp', 1250, 'EUR')`,
    );
    [writeApi] = await Promise.all([start('write', 'api,worker,relay'), startReadSide()]);
  }, 120_000);
  afterAll(async () => {
    await Promise.all([writeApi, readApi, ...projectors].map((each) => each?.kill()));
    await broker.close();
    await Promise.all([writes.stop(), reads.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  const place = (customerId: string) =>
    ask<Placed>('POST', `${writeApi.url}/orders`, {
      customerId,
      lines: [{ sku: 'lamp', quantity: 1 }],
      shippingAddress: address,
    });
  const overview = ({ orderId, version }: Placed) =>
    request('GET', `${readApi.url}/order-overviews/${orderId}?wait=${version}`);
  const partitionsOf = async ({ url }: Replica) => {
    const { body } = await request<{ checks: { projector: { details: { partitions: number } } } }>(
      'GET',
      `${url}/readyz`,
    );
    return body.checks.projector.details.partitions;
  };

  it('shares the partitions of five topics between two projectors', async () => {
    const shares = () => Promise.all(projectors.map(partitionsOf));
    let seen: readonly number[] = [];
    await until(
      () => `both to share ${5 * 6} partitions; last seen: ${seen.join()}`,
      60_000,
      async () => {
        seen = await shares();
        return seen.every((share) => share > 0) && seen.reduce((sum, share) => sum + share, 0) === 5 * 6;
      },
    );
  });

  it('H11 answers a query after a write from another process and another database once the version has arrived', async () => {
    const placed = await place('ada');
    expect(await overview(placed)).toMatchObject({
      status: 200,
      body: { orderId: placed.orderId, status: 'pending', version: 1 },
    });
    const cancelled = await ask<Placed>('POST', `${writeApi.url}/orders/${placed.orderId}/cancel`);
    expect(await overview(cancelled)).toMatchObject({
      status: 200,
      body: { status: 'cancelling', version: 2 },
    });
    expect(
      await query({ postgresUrl: writes.url }, 'order', `SELECT to_regclass('order_overview') AS here`),
    ).toEqual([{ here: null }]);
  });

  it('H13 accepts every write while the whole read side is dead, and shows them all once it is back', async () => {
    await Promise.all([readApi, ...projectors].map((each) => each.kill()));
    const bringBack = await reads.kill();
    const customer = `grace-${randomUUID().slice(0, 8)}`;
    const placed: Placed[] = [];
    for (let order = 0; order < 5; order++) placed.push(await place(customer));
    expect(await request('GET', `${writeApi.url}/readyz`)).toMatchObject({
      status: 200,
      body: { status: 'ready' },
    });
    expect(await request('GET', `${writeApi.url}/order-overviews`)).toMatchObject({ status: 503 });

    await bringBack();
    await startReadSide();
    await until('every order to be shown', 60_000, async () =>
      (await Promise.all(placed.map(overview))).every(({ status }) => status === 200),
    );
    const { items } = await ask<{ items: readonly Placed[] }>(
      'GET',
      `${readApi.url}/order-overviews?customerId=${customer}`,
    );
    expect(items.map(({ orderId }) => orderId)).toEqual(placed.map(({ orderId }) => orderId).reverse());
  }, 150_000);
});
