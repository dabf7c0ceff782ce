import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { Body, Controller, Get, HttpCode, Inject, Module, Param, Post, Query } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { isRejected } from '@millrace/event-sourcing';
import { inlineProjection, integer, waitQuery, type VersionWaits } from '@millrace/read-models';
import { sagaEventTypes, sagaFolding, sagaMigrations, type SagaDefinition } from '@millrace/saga';
import type { Message } from '@millrace/streaming-core/contract';
import { openTestService, until, type PublishedMessage, type TestService } from '@millrace/testing/service';
import { Column, Entity, PrimaryColumn, type Repository } from 'typeorm';
import { z } from 'zod';
import {
  personalDataConfig,
  sagaConfig,
  sagaStartVersions,
  serviceConfig,
  type ConfigOf,
} from '../config.ts';
import {
  currentRequest,
  Describe,
  IdempotencyModule,
  notFound,
  ProblemError,
  VERSION_WAITS,
} from '../http.ts';
import { MessagingModule } from '../messages.ts';
import { SAGA_ENGINE, SagaModule, serviceSaga, type ServiceProcess } from '../saga.ts';
import {
  COMMAND_HANDLER,
  DatabaseModule,
  EventStoreModule,
  PersonalDataModule,
  serviceMigrations,
  type CommandHandler,
} from '../service.ts';
import {
  hosting,
  publicMessages,
  roomCommands,
  roomEvents,
  visit,
  visitEvents,
  visitEventTypes,
  visitStream,
  type VisitEvent,
} from './visit.fixture.ts';

@Entity('visit')
class VisitRow {
  @PrimaryColumn('text')
  visitId!: string;

  @Column('text')
  guestId!: string;

  @Column('text')
  status!: 'planned' | 'cancelled';

  @Column(integer)
  version!: number;
}

const visitProjection = inlineProjection(VisitRow).of<VisitEvent>({
  VisitPlanned: ({ guestId }, { version }) => ({ guestId, status: 'planned', version }),
  VisitCancelled: (_, { version }) => ({ status: 'cancelled', version }),
});

const planned = z.object({ visitId: z.string() });
const view = z.object({ visitId: z.string(), status: z.string(), version: z.number() });
const plan = z.strictObject({ guestId: z.string(), name: z.string() });
const waiting = z.strictObject(waitQuery);

@Controller('visits')
class VisitsController {
  constructor(
    @Inject(COMMAND_HANDLER) private readonly commands: CommandHandler,
    @Inject(VERSION_WAITS) private readonly waits: VersionWaits,
    @InjectRepository(VisitRow) private readonly visits: Repository<VisitRow>,
  ) {}

  @Post()
  @HttpCode(202)
  @Describe({ summary: 'Plan a visit', answers: { 202: planned } })
  async plan(@Body({ schema: plan }) { guestId, name }: z.infer<typeof plan>) {
    const visitId = randomUUID();
    await this.commands.handleNew(currentRequest, visit, visitStream(visitId), {
      type: 'Plan',
      visitId,
      guestId,
      name,
    });
    return { visitId };
  }

  @Post(':visitId/cancel')
  @HttpCode(202)
  @Describe({ summary: 'Cancel a visit', answers: { 202: planned }, problems: { 409: ['not_planned'] } })
  async cancel(@Param('visitId', { schema: z.string() }) visitId: string) {
    const command = { type: 'Cancel', visitId } as const;
    const outcome = await this.commands.handle(currentRequest, visit, visitStream(visitId), command);
    if (isRejected(outcome)) throw new ProblemError(409, outcome.rejected, 'The visit is not planned');
    return { visitId };
  }

  @Get(':visitId')
  @Describe({ summary: 'Get a visit', answers: { 200: view }, problems: { 404: ['unknown_visit'] } })
  async one(
    @Param('visitId', { schema: z.string() }) visitId: string,
    @Query({ schema: waiting }) wait: z.infer<typeof waiting>,
  ) {
    await this.waits.reached(visitStream(visitId), wait);
    const row = await this.visits.findOneBy({ visitId });
    if (row === null) throw notFound('unknown_visit', 'There is no such visit');
    return { visitId, status: row.status, version: row.version };
  }
}

const settings = {
  ...serviceConfig('visits', 0),
  ...sagaConfig,
  ...sagaStartVersions([hosting]),
  ...personalDataConfig,
};

@Module({})
class VisitsModule {}

const visitsModule = (
  config: ConfigOf<typeof settings>,
  definitions: readonly SagaDefinition[],
  timedProcesses: readonly ServiceProcess[],
) => ({
  module: VisitsModule,
  imports: [
    DatabaseModule.forRoot({
      url: config.databaseUrl,
      poolSize: config.databasePoolSize,
      entities: [VisitRow],
      migrations: serviceMigrations({
        service: 'visits',
        folder: `${import.meta.dirname}/migrations`,
        libraries: [{ library: 'saga', folder: sagaMigrations }],
      }),
    }),
    PersonalDataModule.forRoot({
      keysUrl: config.keysDatabaseUrl,
      lostKeysId: config.lostKeysId,
      sealing: config.sealing,
      records: { streams: (_, { ids }) => ids.map(visitStream) },
    }),
    IdempotencyModule,
    EventStoreModule.forRoot({
      events: [visitEventTypes, sagaEventTypes],
      states: { 'visit-': visit, 'saga-': sagaFolding },
      inline: [visitProjection],
      publicMessages,
      starts: SAGA_ENGINE,
    }),
    SagaModule.forRoot({
      sagas: definitions.map((definition) => serviceSaga([definition])),
      timedProcesses,
      startVersions: config.startVersions,
      stepTimeoutMs: config.stepTimeoutMs,
      stepResends: config.stepResends,
    }),
    MessagingModule.forRoot({ commands: [], events: [visitEvents], reactions: SagaModule.reactions }),
  ],
  controllers: [VisitsController],
});

/** The sample service over HTTP and the log; the test plays the rooms. */
export interface Visits extends TestService {
  /** Plans a visit and returns its id. */
  planned(guestId?: string, name?: string): Promise<string>;
  cancelled(visitId: string): Promise<unknown>;
  /** Resolves with the command of this type once it is sent. */
  commanded(type: string, visitId: string): Promise<PublishedMessage>;
  /** Waits for a command and sends the reply to it. */
  answer(type: string, reply: Message & { readonly visitId: string }): Promise<void>;
  checks(): Promise<Readonly<Record<string, { readonly details?: object }>>>;
}

export async function openVisits(
  env: Readonly<Record<string, string>> = {},
  definitions: readonly SagaDefinition[] = [hosting],
  timedProcesses: readonly ServiceProcess[] = [],
): Promise<Visits> {
  const service = await openTestService({
    name: 'visits',
    settings,
    module: (config) => visitsModule(config, definitions, timedProcesses),
    logSubject: 'visitId',
    folder: import.meta.dirname,
    libraries: [{ library: 'saga', folder: sagaMigrations }],
    topics: [visitEvents, roomCommands, roomEvents],
    env,
  });
  const commanded = async (type: string, visitId: string) => {
    const sent = await until(
      async () =>
        (await service.published('room-commands', visitId)).find(({ message }) => message.type === type),
      (command) => command !== undefined,
    );
    if (sent === undefined) throw new Error(`${type} was not sent`);
    return sent;
  };
  return {
    ...service,
    commanded,
    async planned(guestId = 'ada', name = 'Ada Lovelace') {
      return String((await service.call('POST', '/visits', { guestId, name })).body['visitId']);
    },
    cancelled: (visitId) => service.call('POST', `/visits/${visitId}/cancel`),
    async answer(type, reply) {
      const { headers } = await commanded(type, reply.visitId);
      await service.send(roomEvents, reply, {
        source: '/millrace/rooms',
        causationId: headers.get('ce_id') ?? '',
      });
    },
    async checks() {
      const answer = await fetch(`${service.service().url}/readyz`);
      return ((await answer.json()) as { checks: Record<string, { details?: object }> }).checks;
    },
  };
}
