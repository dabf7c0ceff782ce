import { describe, expect, it } from '@jest/globals';
import { readSettings } from './config.ts';
import {
  consoleApp,
  defineStack,
  embeddedBroker,
  embeddedPostgres,
  listeners,
  mailSink,
} from './definition/define-stack.ts';
import { embeddedKeys } from './definition/keys.ts';
import { stack as shop } from './stack.ts';

/** A stack of five services, whose numbers do not change with those of the shop. */
const stack = defineStack({
  database: embeddedPostgres({ port: 54_329 }),
  keys: embeddedKeys({ port: 54_328 }),
  log: embeddedBroker({ port: 9092, sidePort: 9404 }),
  mail: mailSink({ port: 2525 }),
  console: consoleApp({ port: 3010 }),
  services: {
    order: { app: 'order', port: 3001, readModels: true, personalData: true },
    inventory: { app: 'inventory', port: 3002 },
    payment: { app: 'payment', port: 3003, personalData: true },
    shipping: { app: 'shipping', port: 3004, personalData: true },
    notification: { app: 'notification', port: 3005, personalData: true },
  },
});

const read = (
  environment: Record<string, string>,
  replicas: Record<string, number> = {},
  kafka = false,
  split: readonly string[] = [],
  basePort?: number,
) =>
  readSettings(stack, {
    environment,
    workspace: '/workspace',
    replicas: new Map(Object.entries(replicas)),
    split: new Set<string>(split),
    kafka,
    console: true,
    ...(basePort && { basePort }),
    checkPrograms: (_definition, { environment: told }) => (told.WRONG ? ['WRONG is wrong'] : []),
  });
const portsOf = (environment: Record<string, string>) =>
  Object.fromEntries(
    listeners(read(environment).definition).map(({ portSetting, port }) => [portSetting, port]),
  );

describe('the settings of the stack', () => {
  it('default to the documented ports and folder', () => {
    expect(read({})).toMatchObject({ dataFolder: '/workspace/.millrace', logLevel: 'info' });
    expect(portsOf({})).toEqual({
      POSTGRES_PORT: 54_329,
      KEYS_PORT: 54_328,
      BROKER_PORT: 9092,
      BROKER_HTTP_PORT: 9404,
      SMTP_PORT: 2525,
      ORDER_PORT: 3001,
      INVENTORY_PORT: 3002,
      PAYMENT_PORT: 3003,
      SHIPPING_PORT: 3004,
      NOTIFICATION_PORT: 3005,
      CONSOLE_PORT: 3010,
      ORDER_OPS_PORT: 3901,
      INVENTORY_OPS_PORT: 3902,
      PAYMENT_OPS_PORT: 3903,
      SHIPPING_OPS_PORT: 3904,
      NOTIFICATION_OPS_PORT: 3905,
    });
  });

  it('refuse RELAY=cdc without a Connect worker, and name the remedy', () => {
    expect(() => read({ RELAY: 'cdc' })).toThrow(
      'RELAY=cdc needs a Connect worker: add --with connect, or name one in RELAY_CONNECT_URL',
    );
    expect(read({ RELAY: 'cdc', RELAY_CONNECT_URL: 'http://elsewhere:8083' }).dataFolder).toBeDefined();
    expect(read({ RELAY: 'poll' }).dataFolder).toBeDefined();
  });

  it('keep the documented ports of everything but the services', () => {
    const { services: _others, ...parts } = shop;
    const ports = listeners({ ...parts, services: {} }).map(({ portSetting, port }) => [portSetting, port]);
    expect(Object.fromEntries(ports)).toEqual({
      POSTGRES_PORT: 54_329,
      KEYS_PORT: 54_328,
      BROKER_PORT: 9092,
      BROKER_HTTP_PORT: 9404,
      SMTP_PORT: 2525,
      CONSOLE_PORT: 3010,
    });
  });

  it('change only the ports that they name', () => {
    expect(portsOf({ ORDER_PORT: '0', BROKER_PORT: ' 19092 ', SMTP_PORT: '' })).toEqual({
      ...portsOf({}),
      ORDER_PORT: 0,
      ORDER_OPS_PORT: 0,
      BROKER_PORT: 19_092,
    });
  });

  it('count every port from a base port, with data of its own, except for the ports that they name', () => {
    const { definition, dataFolder } = read({ SMTP_PORT: '2600' }, { order: 2 }, false, [], 4_000);

    expect(dataFolder).toBe('/workspace/.millrace-4000');
    expect(
      Object.fromEntries(listeners(definition).map(({ portSetting, port }) => [portSetting, port])),
    ).toEqual({
      POSTGRES_PORT: 4080,
      KEYS_PORT: 4081,
      BROKER_PORT: 4082,
      BROKER_HTTP_PORT: 4083,
      SMTP_PORT: 2600,
      ORDER_PORT: 4001,
      ORDER_2_PORT: 4101,
      INVENTORY_PORT: 4002,
      PAYMENT_PORT: 4003,
      SHIPPING_PORT: 4004,
      NOTIFICATION_PORT: 4005,
      CONSOLE_PORT: 4_010,
      ORDER_OPS_PORT: 4901,
      ORDER_2_OPS_PORT: 5001,
      INVENTORY_OPS_PORT: 4902,
      PAYMENT_OPS_PORT: 4903,
      SHIPPING_OPS_PORT: 4904,
      NOTIFICATION_OPS_PORT: 4905,
    });
    expect(read({}, {}, true, [], 4_000)).toMatchObject({
      dataFolder: '/workspace/.millrace-kafka-4000',
      definition: { log: { port: 4082, controller: { port: 4085 } } },
    });
    expect(read({ MILLRACE_DATA: '/data' }, {}, false, [], 4_000).dataFolder).toBe('/data');
  });

  it('replace the embedded broker with Apache Kafka, which gets data of its own', () => {
    const { definition, dataFolder } = read({ BROKER_PORT: '19092' }, {}, true);

    expect(dataFolder).toBe('/workspace/.millrace-kafka');
    expect(definition.log).toMatchObject({
      engine: 'kafka',
      port: 19_092,
      label: 'broker',
      controller: { port: 0 },
    });
    expect(read({ MILLRACE_DATA: '/data' }, {}, true).dataFolder).toBe('/data');
  });

  it('accept an existing cluster only with --kafka, and then have no port for a broker', () => {
    const environment = { KAFKA_BOOTSTRAP_SERVERS: 'a:1,b:2', KAFKA_REPLICATION_FACTOR: '3' };
    const { definition, cluster } = read(environment, {}, true);

    expect(definition.log).toEqual({ engine: 'existing', bootstrapServers: ['a:1', 'b:2'] });
    expect(listeners(definition).map(({ label }) => label)).not.toContain('broker');
    expect(cluster.copies).toEqual({ replicationFactor: 3 });
    expect(read(environment).definition.log).toMatchObject({ engine: 'embedded', port: 9092 });
  });

  it('take the keys from the database that the environment names, and then have no port for them', () => {
    const { definition } = read({ KEYS_DATABASE_URL: 'postgres://k:secret@h:5432/keys' });

    expect(definition.keys).toEqual({ engine: 'existing', url: 'postgres://k:secret@h:5432/keys' });
    expect(listeners(definition).map(({ label }) => label)).not.toContain('keys');
    expect(() => read({ KEYS_DATABASE_URL: 'postgres://k:secret@h:5432' })).toThrow(
      /^wrong setting: KEYS_DATABASE_URL must be postgres:\/\/USER:PASSWORD@HOST:PORT\/DATABASE\. Correct/,
    );
  });

  it('let every process with personal data ask for keys over two connections', () => {
    expect(read({}).keysConnections).toBe(28);
    expect(read({}, { order: 3, inventory: 3 }).keysConnections).toBe(32);
  });

  it.each([
    ['/var/millrace', '/var/millrace'],
    ['data/one', '/workspace/data/one'],
    ['', '/workspace/.millrace'],
  ])('put the data of MILLRACE_DATA=%s into %s', (MILLRACE_DATA, dataFolder) => {
    expect(read({ MILLRACE_DATA }).dataFolder).toBe(dataFolder);
  });

  it.each(['abc', '-1', '65536', '1.5', '0x10', '1e3'])('refuse the port %s', (port) => {
    expect(() => read({ ORDER_PORT: port })).toThrow(
      `wrong setting: ORDER_PORT=${port} must be a whole number from 0 (any free port) to 65535.`,
    );
  });

  it('accept no limit for parts that do not answer, or one from a second to an hour', () => {
    const limit = (MILLRACE_UNANSWERED_MS_MAX: string) =>
      read({ MILLRACE_UNANSWERED_MS_MAX }).unansweredMsMax;
    expect(['', '0', '1000', '3600000'].map(limit)).toEqual([20_000, 0, 1_000, 3_600_000]);
    for (const wrong of ['999', '3600001', '5 s'])
      expect(() => limit(wrong)).toThrow(
        `wrong setting: MILLRACE_UNANSWERED_MS_MAX=${wrong} must be 0 (never) or a whole number from 1000 to 3600000.`,
      );
  });

  it('allow faults only if they are asked for', () => {
    const faults = (MILLRACE_FAULTS: string) => read({ MILLRACE_FAULTS }).faults;
    expect(['', '0', '1'].map(faults)).toEqual([false, false, true]);
    expect(() => faults('yes')).toThrow('wrong setting: MILLRACE_FAULTS=yes must be 0 or 1.');
  });

  it('report what a program would refuse together with the problems found here', () => {
    expect(() => read({ WRONG: 'yes', LOG_LEVEL: 'loud', ORDER_PORT: '3002' })).toThrow(
      /^wrong settings: LOG_LEVEL=loud [^\n]*; ORDER_PORT and INVENTORY_PORT are both 3002: [^\n]*; WRONG is wrong\. Correct or unset them$/,
    );
  });

  it('accept the log levels of the services', () => {
    expect(
      ['debug', 'info', 'warn', 'error', 'silent'].map((LOG_LEVEL) => read({ LOG_LEVEL }).logLevel),
    ).toHaveLength(5);
    expect(() => read({ LOG_LEVEL: 'trace' })).toThrow(
      'LOG_LEVEL=trace must be one of debug, info, warn, error, silent',
    );
  });

  it('list every problem in one line', () => {
    expect(() => read({ ORDER_PORT: 'abc', LOG_LEVEL: 'loud' })).toThrow(
      /^wrong settings: ORDER_PORT=abc [^\n]*; LOG_LEVEL=loud [^\n]*$/,
    );
  });

  it('refuse the same port for two parts, unless each gets a free one', () => {
    expect(() => read({ ORDER_PORT: '3002' })).toThrow('ORDER_PORT and INVENTORY_PORT are both 3002');
    expect(portsOf({ ORDER_PORT: '0', INVENTORY_PORT: '0' })).toMatchObject({
      ORDER_PORT: 0,
      INVENTORY_PORT: 0,
    });
  });

  it('K03 give each replica its own port and reserve its connections', () => {
    const { definition, connections } = read(
      { ORDER_PORT: '4000', INVENTORY_3_PORT: '5000', INVENTORY_DATABASE_POOL_SIZE: '20' },
      { order: 2, inventory: 3 },
    );

    const replicas = Object.values(definition.services).flatMap(({ processes }) => processes.slice(1));
    expect(replicas.map(({ label, port }) => [label, port])).toEqual([
      ['order-2', 4100],
      ['inventory-2', 3102],
      ['inventory-3', 5000],
    ]);
    expect(connections - read({}).connections).toBe(7 + 2 * 21 + (20 - 6));
  });

  it.each([
    [
      { orders: 2 },
      '--replicas orders=2: there is no service orders; the services are order, inventory, payment, shipping, notification',
    ],
    [{ order: 0 }, '--replicas order=0: a service needs at least one process'],
  ])('K03 refuse the replicas %j', (replicas, message) => {
    expect(() => read({}, replicas)).toThrow(message);
  });

  it('allow more processes of a service than it has partitions, and say that the others stand by', () => {
    expect(read({}, { order: 6 }).notices).toEqual([]);
    expect(read({}, { order: 8 }).notices).toEqual([
      'order: 8 processes share 6 partitions: 2 stand by to take over from the others',
    ]);
    expect(read({}, { inventory: 7 }, false, ['inventory']).notices).toEqual([
      expect.stringContaining('inventory: 7 processes share 6 partitions: 1 stands by'),
    ]);
  });

  it('split the named services, or all of them, and refuse unknown ones', () => {
    const processes = (split: readonly string[]) =>
      Object.values(read({}, {}, false, split).definition.services).map((part) => part.processes.length);
    expect(processes(['order'])).toEqual([4, 1, 1, 1, 1]);
    expect(processes(['all'])).toEqual([4, 3, 3, 3, 3]);
    expect(read({}, {}, false, ['order']).connections - read({}).connections).toBe(6 * (4 + 2 - 1) + 1);
    expect(() => read({}, {}, false, ['orders'])).toThrow(
      '--split orders: there is no service orders; the services are order, inventory',
    );
  });

  it.each([
    ['INVENTORY_PORT', '3101', 'ORDER_2_PORT and INVENTORY_PORT are both 3101'],
    ['ORDER_PORT', '65500', 'order-2 would listen on 65600, above 65535: set ORDER_2_PORT'],
  ])('refuse %s=%s if it leaves no port for a replica', (name, port, message) => {
    expect(() => read({ [name]: port }, { order: 2 })).toThrow(message);
  });

  it('K03 refuse more connections than PostgreSQL can provide', () => {
    expect(() => read({ ORDER_DATABASE_POOL_SIZE: '200' }, { order: 2, inventory: 2 })).toThrow(
      /^PostgreSQL would need 507 connections \(order 2 x 200, inventory 2 x 6, .*, 7 that listen for hints, and 70 in reserve\), but has at most 500: start fewer processes, or lower/,
    );
  });
});
