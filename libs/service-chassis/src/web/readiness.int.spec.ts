import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DatabaseModule } from '../database/database.module.ts';
import { startSampleService } from '../boot/start-sample.fixture.ts';
import type { RunningService } from '../boot/start-service.ts';
import { openLogAndDatabase, type LogAndDatabase } from '../modules/messaging/log-and-database.fixture.ts';
import { MessagingModule } from '../modules/messaging/messaging.module.ts';
import { readiness, shelfCommands, type Readiness } from '../modules/messaging/shelf.fixture.ts';
import { ReadModelModule } from '../modules/read-models/read-model.module.ts';
import { topicProjection } from '@millrace/read-models';

@Entity('seen_order')
class SeenOrder {
  @PrimaryColumn('text')
  orderId!: string;

  @Column('text', { nullable: true })
  state!: string | null;
}

const orders = topicProjection(SeenOrder).from(shelfCommands, { Reserve: () => ({ state: 'reserved' }) });

describe('/readyz of a service with a read model', () => {
  let log: LogAndDatabase;
  let running: RunningService | undefined;

  beforeAll(async () => {
    log = await openLogAndDatabase(shelfCommands);
    await log.database.sql.query('CREATE TABLE seen_order (order_id text PRIMARY KEY, state text)');
  });
  afterAll(async () => {
    await running?.stop();
    await log.close();
  });

  /** Stops the service, and starts it again with these roles. */
  async function start(roles: string): Promise<RunningService> {
    await running?.stop();
    running = await startSampleService({
      name: 'shelf',
      database: log.database,
      broker: log.broker,
      env: { ROLES: roles, WATCH_EVERY_MS: '50', ALARM_HOLD_MS: '0' },
      module: ({ databaseUrl }) => ({
        imports: [
          DatabaseModule.forRoot({ url: databaseUrl, poolSize: 5, entities: [] }),
          MessagingModule.forRoot({ commands: [], events: [] }),
          ReadModelModule.forRoot({ poolSize: 2, delayMs: 0, migrations: [], projections: [orders] }),
        ],
      }),
    });
    return running;
  }

  const seenBy = async (service: RunningService, accept: (seen: Readiness) => boolean) => {
    const seen = await until(() => readiness(service), accept);
    const { status } = await fetch(`${service.url}/readyz`);
    return { ...seen, code: status };
  };
  const active = ({ checks }: Readiness) =>
    (checks.alarms?.details?.active ?? []) as readonly Record<string, unknown>[];
  const raised = (alarm: string) => (seen: Readiness) => active(seen).some((one) => one.alarm === alarm);

  it('is 200 and degraded, with an alarm, while a partition of the read model is refused', async () => {
    const service = await start('api,projector');
    await until(
      () => log.database.sql.query('SELECT FROM consumer_offset'),
      ({ rowCount }) => rowCount === 2,
    );
    await seenBy(service, ({ status }) => status === 'ready');
    await running?.stop();
    await log.database.sql.query('UPDATE consumer_offset SET next_offset = 900 WHERE partition = 1');

    const seen = await seenBy(await start('api,projector'), raised('partition_refused'));

    expect(seen).toMatchObject({ code: 200, status: 'degraded' });
    expect(seen.checks.projector).toMatchObject({
      healthy: true,
      degraded: true,
      details: { refused: [{ partition: 'shelf-commands/1', reason: expect.stringContaining('UPDATE') }] },
    });
    expect(active(seen)).toMatchObject([
      {
        alarm: 'partition_refused',
        place: { group: 'shelf-projector', topic: 'shelf-commands', partition: '1' },
        runbook: 'MillracePartitionRefused',
      },
    ]);
    const alone = await seenBy(await start('projector'), raised('partition_refused'));
    expect(alone).toMatchObject({ code: 503, status: 'unhealthy' });
  });

  it('is 503, with an alarm, while the database answers but has no space for a write', async () => {
    const name = new URL(log.database.url).pathname.slice(1);
    await log.database.sql.query(`ALTER DATABASE "${name}" SET temp_file_limit = 0`);
    const seen = await seenBy(await start('api'), raised('database_unwritable'));

    expect(seen).toMatchObject({ code: 503, status: 'unhealthy' });
    expect(seen.checks.database).toMatchObject({
      healthy: false,
      details: { reason: expect.stringContaining('takes no writes: temporary file size exceeds') },
    });
    await log.database.sql.query(`ALTER DATABASE "${name}" RESET temp_file_limit`);
    expect(await seenBy(await start('api'), ({ status }) => status === 'ready')).toMatchObject({ code: 200 });
  });
});
