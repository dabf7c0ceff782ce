import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Inject, Post } from '@nestjs/common';
import { topic } from '@millrace/streaming-core/contract';
import { appendToOutbox } from '@millrace/streaming-core/outbox';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { TestBroker } from '@millrace/testing/engine';
import type { TestDatabase } from '@millrace/testing/postgres';
import { within } from '@millrace/testing/within';
import { z } from 'zod';
import type { Role } from '../../ground/config/roles.ts';
import { DatabaseModule } from '../../database/database.module.ts';
import { DATABASE } from '../../database/database.tokens.ts';
import { newId } from '../events/recording.ts';
import { provideLifecycle } from '../../ground/lifecycle/lifecycle.ts';
import { startSampleService } from '../../boot/start-sample.fixture.ts';
import type { RunningService } from '../../boot/start-service.ts';
import { Handles } from './consumer-transport.ts';
import { openLogAndDatabase } from './log-and-database.fixture.ts';
import { MessagingModule } from './messaging.module.ts';

const commands = topic(
  'parcel-commands',
  { key: 'orderId', partitions: 2, retention: 'unlimited' },
  { Pack: z.strictObject({ orderId: z.string() }) },
);
const parcel = z.strictObject({ orderId: z.string() });

@Controller('parcels')
class Parcels {
  constructor(@Inject(DATABASE) private readonly database: SqlDatabase) {}

  @Post()
  async pack(@Body({ schema: parcel }) { orderId }: z.infer<typeof parcel>) {
    const id = newId();
    const attributes = {
      source: '/test',
      type: 'Pack',
      time: new Date().toISOString(),
      subject: orderId,
      dataSchema: '/schemas/Pack/1',
    };
    const message = commands.Pack({ orderId });
    await this.database.transaction((transaction) =>
      appendToOutbox(transaction, [
        {
          topic: 'parcel-commands',
          key: orderId,
          message,
          attributes: { id, correlationId: id, causationId: id, ...attributes },
        },
      ]),
    );
    return { orderId };
  }

  @Get()
  list() {
    return [];
  }
}

const packed: string[] = [];

@Controller()
class ParcelMessages {
  @Handles(commands.Pack)
  async pack({ orderId }: { readonly orderId: string }): Promise<void> {
    packed.push(orderId);
  }
}

/** The roles whose components have been created. */
const made: string[] = [];
const component = (role: Role) =>
  provideLifecycle({ name: `${role} of a test`, role }, [], () => {
    made.push(role);
    return { start: () => undefined, stop: () => undefined };
  });

interface Readiness {
  readonly status: string;
  readonly roles: readonly string[];
  readonly checks: Readonly<Record<string, { readonly details?: Readonly<Record<string, unknown>> }>>;
}

describe('a service with one process per role', () => {
  let broker: TestBroker;
  let database: TestDatabase;
  let close: () => Promise<void>;
  const running: RunningService[] = [];

  beforeAll(async () => void ({ broker, database, close } = await openLogAndDatabase(commands)));
  afterAll(async () => {
    await Promise.all(running.map((service) => service.stop()));
    await close();
  });

  async function start(
    roles: string,
    { brokerPort = broker.port, pollMs }: { brokerPort?: number; pollMs?: number } = {},
  ): Promise<RunningService> {
    made.length = 0;
    const service = await startSampleService({
      name: 'parcel',
      database,
      broker: { port: brokerPort },
      env: { ROLES: roles, ...(pollMs !== undefined && { IDLE_POLL_MS: String(pollMs) }) },
      module: ({ databaseUrl }) => ({
        imports: [
          DatabaseModule.forRoot({ url: databaseUrl, poolSize: 5, entities: [] }),
          MessagingModule.forRoot({ commands: [commands], events: [], limits: { pollDelayMsMin: pollMs } }),
        ],
        controllers: [Parcels, ParcelMessages],
        providers: [component('api'), component('worker'), component('projector')],
      }),
    });
    running.push(service);
    return service;
  }

  const readiness = async ({ url }: RunningService) =>
    (await (await fetch(`${url}/readyz`)).json()) as Readiness;
  const post = ({ url }: RunningService, orderId: string) =>
    fetch(`${url}/parcels`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ orderId }),
    });
  const joined = async ({ url }: RunningService) =>
    /consumer_partitions_owned\{[^}]*\} 2/.test(await (await fetch(`${url}/metrics`)).text());

  it('K09 has an api that needs no broker, a relay that publishes and a worker that consumes, each doing only its part', async () => {
    const api = await start('api', { brokerPort: 1 }); // nothing listens on this port
    expect(made).toEqual(['api']);
    expect(await readiness(api)).toEqual({
      status: 'ready',
      roles: ['api'],
      checks: { database: { healthy: true }, alarms: { healthy: true, details: { active: [] } } },
    });
    expect((await post(api, 'o1')).status).toBe(201);

    const worker = await start('worker,projector');
    expect(made).toEqual(['worker', 'projector']);
    await until(() => joined(worker));
    expect(await readiness(worker)).toMatchObject({ status: 'ready', roles: ['worker', 'projector'] });
    expect(Object.keys((await readiness(worker)).checks)).toEqual(['alarms', 'database', 'consumer']);
    expect(
      (await database.sql.query('SELECT holder FROM relay_cursor WHERE holder IS NOT NULL')).rows,
    ).toEqual([]);
    expect(packed).toEqual([]);

    const relay = await start('relay');
    await until(() => packed.length === 1);
    expect(packed).toEqual(['o1']);
    expect(Object.keys((await readiness(relay)).checks)).toEqual(['alarms', 'database', 'relay']);
    expect(await joined(worker)).toBe(true); // no other process has joined its group

    await post(api, 'o2');
    await until(() => packed.length === 2);
  });

  it('M46 publishes what another process has committed without waiting for a poll, whether or not that process has a relay', async () => {
    const rarely = { pollMs: 60_000 };
    await Promise.all(running.splice(0).map((service) => service.stop()));
    const processes = [await start('api,relay', rarely), await start('api,relay', rarely)];
    const api = await start('api', rarely);
    await start('worker');
    const publishing = async (service: RunningService) =>
      (await readiness(service)).checks['relay']?.details?.['publishing'] === true;
    const inCharge = async () => (await Promise.all(processes.map(publishing))).indexOf(true);
    await until(async () => (await inCharge()) >= 0);
    const standby = processes[1 - (await inCharge())]!;
    packed.length = 0;
    for (const [index, writer] of [standby, api, standby, api].entries()) {
      await post(writer, `elsewhere ${index}`);
      await until(() => packed.length > index);
    }

    expect(packed).toEqual(['elsewhere 0', 'elsewhere 1', 'elsewhere 2', 'elsewhere 3']);
  });

  it('K09 answers probes, metrics and docs in each process, and other requests only with the role api', async () => {
    const relay = await start('relay');
    for (const path of ['/livez', '/readyz', '/metrics', '/docs', '/docs/json'])
      expect((await fetch(relay.url + path)).status).toBe(200);
    for (const refused of [
      await post(relay, 'o3'),
      await fetch(`${relay.url}/parcels`),
      await fetch(`${relay.url}/nowhere`),
    ]) {
      expect(refused.status).toEqual(421);
      expect(refused.headers.get('content-type')).toEqual(
        expect.stringMatching(/^application\/problem\+json/),
      );
      expect(await refused.json()).toMatchObject({
        code: 'not_served_here',
        detail: expect.stringContaining('roles relay:'),
      });
    }
  });
});

const until = within(20_000);
