import { Controller, Module } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPersonalData, personalDataMigrations } from '@millrace/personal-data';
import { personal, topic, type MessageOf } from '@millrace/streaming-core/contract';
import { sealingOutbox } from '@millrace/streaming-core/outbox';
import { migrate } from '@millrace/streaming-core/postgres';
import { systemClock } from '@millrace/streaming-core/runtime';
import { until, within } from '@millrace/testing/within';
import { z } from 'zod';
import { DatabaseModule } from '../../database/database.module.ts';
import { newId } from '../events/recording.ts';
import { startSampleService } from '../../boot/start-sample.fixture.ts';
import type { RunningService } from '../../boot/start-service.ts';
import { callOps } from '../../ops/ops-call.fixture.ts';
import { PERSONAL_DATA } from '../personal/personal-data.tokens.ts';
import { Handles } from './consumer-transport.ts';
import { openLogAndDatabase, type LogAndDatabase } from './log-and-database.fixture.ts';
import { MessagingModule } from './messaging.module.ts';

const parcels = topic(
  'parcels',
  {
    key: 'personId',
    partitions: 1,
    retention: 'unlimited',
    personal: { holder: 'carrier', subject: 'personId' },
  },
  { Send: z.strictObject({ personId: z.string(), street: personal(z.string()) }) },
);

/** The streets to which parcels were sent, by person. The carrier knows no "Nowhere". */
const sent = new Map<string, string>();

@Controller()
class Carrier {
  @Handles(parcels.Send)
  send({ personId, street }: MessageOf<typeof parcels.Send>): Promise<void> {
    if (street === 'Nowhere') return Promise.reject(new RangeError('there is no such street'));
    sent.set(personId, street);
    return Promise.resolve();
  }
}

@Module({})
class KeysModule {}

const eventually = within(20_000);

describe('a service whose commands have personal data', () => {
  let parts: LogAndDatabase;
  let service: RunningService;
  let personalData: ReturnType<typeof createPersonalData>;

  beforeAll(async () => {
    parts = await openLogAndDatabase(parcels);
    const { database, broker } = parts;
    await migrate(database.sql, [{ library: 'personal-data', folder: personalDataMigrations }]);
    personalData = createPersonalData({ database: database.sql, clock: systemClock, cacheMs: 0 });
    const keys = {
      module: KeysModule,
      global: true,
      providers: [{ provide: PERSONAL_DATA, useValue: personalData }],
      exports: [PERSONAL_DATA],
    };
    service = await startSampleService({
      name: 'carrier',
      database,
      broker,
      env: { IDLE_POLL_MS: '20', RETRY_IN_PLACE_MS: '0', RETRY_PARKED_MS: '0' },
      module: ({ databaseUrl }) => ({
        imports: [
          keys,
          DatabaseModule.forRoot({ url: databaseUrl, poolSize: 5, entities: [] }),
          MessagingModule.forRoot({ commands: [parcels], events: [] }),
        ],
        controllers: [Carrier],
      }),
    });
  });
  afterAll(async () => {
    await service.stop();
    await parts.close();
  });

  const send = (personId: string, street: string) =>
    parts.database.sql.transaction((transaction) =>
      sealingOutbox(personalData)(transaction, [
        {
          topic: 'parcels',
          key: personId,
          message: parcels.Send({ personId, street }),
          personal: parcels.Send.personal,
          attributes: {
            id: newId(),
            source: '/millrace/test',
            type: 'Send',
            time: new Date().toISOString(),
            subject: personId,
            dataSchema: '/schemas/parcels/Send/1',
            correlationId: personId,
            causationId: personId,
          },
        },
      ]),
    );
  const ops = (path: string, body?: object) => callOps(service, `/ops/dead-letters${path}`, body);
  const deadLetterOf = async (personId: string) => {
    const [letter] = await until(
      async () => (await ops(`?key=${personId}`)).body.items ?? [],
      (letters) => letters.length > 0,
    );
    const id = String(letter!['id']);
    return { id, value: JSON.parse(String((await ops(`/${id}`)).body['value'])) as Record<string, unknown> };
  };
  const storedText = async () =>
    JSON.stringify((await parts.database.sql.query('SELECT payload, headers FROM outbox')).rows);

  it('handles them in plain text, though neither the outbox nor a dead letter has it', async () => {
    await send('ada', 'Mill Lane 1');
    await send('eve', 'Nowhere');
    await eventually(() => sent.get('ada') === 'Mill Lane 1');
    const { value } = await deadLetterOf('eve');

    expect(value).toEqual({
      type: 'Send',
      personId: 'eve',
      street: { sealed: 1, subject: 'eve', data: expect.any(String) },
    });
    expect(await storedText()).not.toMatch(/Mill Lane|Nowhere/);
  });

  it('sends a dead letter again with what an operator has corrected, sealed', async () => {
    await send('bob', 'Nowhere');
    const { id, value } = await deadLetterOf('bob');

    const redriven = await ops('/redrive', {
      ids: [id],
      reason: 'INC-7',
      value: { ...value, street: 'Some Lane 2' },
    });
    await eventually(() => sent.get('bob') === 'Some Lane 2');

    expect(redriven.body).toMatchObject({ redriven: 1, edited: ['street'] });
    expect(await storedText()).not.toContain('Some Lane');
  });

  it('sends a dead letter again as it is, but not after its data was erased', async () => {
    await send('zoe', 'Nowhere');
    const first = await deadLetterOf('zoe');
    expect((await ops('/redrive', { ids: [first.id], reason: 'again' })).body).toMatchObject({ redriven: 1 });
    const again = await until(
      () => deadLetterOf('zoe'),
      ({ id }) => id !== first.id,
    );

    await personalData.erase({ holder: 'carrier', subject: 'zoe' });
    const refused = await ops('/redrive', { ids: [again.id], reason: 'again' });

    expect(refused.body).toMatchObject({ redriven: 0, items: [{ id: again.id, outcome: 'erased' }] });
  });
});
