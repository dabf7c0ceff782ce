import {
  Module,
  type DynamicModule,
  type INestApplication,
  type Provider,
  type Type,
  Controller,
  Get,
  Inject,
} from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE, ModulesContainer, NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from '@millrace/streaming-core/runtime';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { z } from 'zod';
import { APP, type AppIdentity } from '../ground/config/app-config.ts';
import { SERVICE } from '../ground/config/service-config.ts';
import { DATABASE } from '../database/database.tokens.ts';
import { serveDocs } from '../web/openapi/docs.ts';
import { createFastify } from '../web/http/fastify.ts';
import { ProblemFilter } from '../web/problems/problem-answers.ts';
import { ValidationPipe } from '../web/problems/validation.pipe.ts';
import { idempotencyInterceptor } from '../web/idempotency/idempotency.interceptor.ts';
import { LIFECYCLE, type Lifecycle } from '../ground/lifecycle/lifecycle.ts';
import { LOGGER, nestLogger } from '../ground/logging/logger.ts';
import { opsGuard, opsRefusals, requireIdempotencyKeys } from './ops-access.ts';
import { Describe } from '../web/openapi/describe.ts';
import { EVENT_STORE, FOLDINGS, REBUILDS } from '../modules/events/event-store.tokens.ts';
import { DEAD_LETTER_DECISIONS } from '../modules/messaging/messaging.module.ts';
import { SUBJECT_ERASURES } from '../modules/personal/personal-data.tokens.ts';
import { OPERATED_PROCESSES } from '../modules/saga/operated-processes.ts';
import { SAGA_ENGINE } from '../modules/saga/saga-engine.token.ts';
import { OPERATED_APPLICATIONS } from '../modules/stream-processing/operated-applications.ts';
import { GROUP_WATCHES } from '../observability/watch/group-watches.ts';
import { OpsActsController } from './acts.controller.ts';
import { OpsEventsController } from './events.controller.ts';
import {
  OpsCorrelationsController,
  OpsStreamsController,
  OpsStatesController,
} from './streams.controller.ts';
import { OpsDeadLettersController } from './dead-letters.controller.ts';
import { OpsErasuresController } from './erasures.controller.ts';
import { OpsMessagingController } from './messaging.controller.ts';
import { OpsRebuildsController } from './rebuilds.controller.ts';
import { OpsTimedProcessesController } from './timed-processes.controller.ts';

/** Controllers of the operator API, and the parts of a service that they inject. */
interface OpsPart {
  readonly needs: readonly symbol[];
  readonly load: () => Promise<readonly Type[]>;
}

/** A service has the controllers whose needs its modules provide. */
const opsParts: readonly OpsPart[] = [
  { needs: [DATABASE], load: async () => [OpsActsController] },
  {
    needs: [SERVICE, DATABASE, EVENT_STORE, FOLDINGS, REBUILDS],
    load: async () => [
      OpsStreamsController,
      OpsStatesController,
      OpsCorrelationsController,
      OpsEventsController,
      OpsRebuildsController,
    ],
  },
  {
    needs: [DATABASE, DEAD_LETTER_DECISIONS, GROUP_WATCHES],
    load: async () => [OpsDeadLettersController, OpsMessagingController],
  },
  { needs: [SUBJECT_ERASURES], load: async () => [OpsErasuresController] },
  { needs: [DATABASE, OPERATED_PROCESSES], load: async () => [OpsTimedProcessesController] },
  {
    needs: [OPERATED_APPLICATIONS],
    // Loads the streams library, which an app without stream applications does not need.
    load: async () => [(await import('./applications.controller.ts')).OpsApplicationsController],
  },
  {
    needs: [DATABASE, SAGA_ENGINE],
    // Loads the saga library, which a service without sagas does not need.
    load: async () => {
      const { OpsSagaHoldsController, OpsSagasController } = await import('./sagas.controller.ts');
      const { OpsSagaDefinitionsController } = await import('./saga-definitions.controller.ts');
      return [OpsSagasController, OpsSagaHoldsController, OpsSagaDefinitionsController];
    },
  },
];

const serviceView = z
  .object({
    service: z.string(),
    instance: z.string().nullable().describe('The name that the process keeps across restarts'),
    roles: z.array(z.string()),
    state: z.enum(['starting', 'running', 'draining']),
  })
  .describe('The process that answers');

@Controller('ops')
class OpsServiceController {
  constructor(
    @Inject(APP) private readonly app: AppIdentity,
    @Inject(LIFECYCLE) private readonly lifecycle: Lifecycle,
  ) {}

  @Get()
  @Describe({ summary: 'Get the service and the process that answers', answers: { 200: serviceView } })
  get(): z.infer<typeof serviceView> {
    const { name, config } = this.app;
    return {
      service: name,
      instance: config.instance ?? null,
      roles: [...(config.roles ?? [])],
      state: this.lifecycle.state,
    };
  }
}

@Module({})
class OpsRoot {}

/**
 * Builds the operator API of a service. It is an application of its own with a port of its own, so
 * that no mistake in a route can put it on the public one. It works on the parts of the service:
 * their database, saga engine and connections. Every process of a service has it, whatever its
 * roles.
 */
export async function createOps(service: INestApplication): Promise<NestFastifyApplication> {
  const { name, config } = service.get<AppIdentity>(APP);
  const logger = service.get<Logger>(LOGGER);
  const adapter = createFastify({
    limits: config,
    roles: ['api'],
    logger,
    metrics: { observeRequest: () => undefined }, // the metrics are about what users experience
    logSubject: undefined,
    guard: opsGuard({ opsToken: config.opsToken ?? config.opsTokenInFile }),
  });
  requireIdempotencyKeys(adapter.getInstance());
  const app = await NestFactory.create<NestFastifyApplication>(await opsModule(service), adapter, {
    bodyParser: false,
    abortOnError: false,
    logger: nestLogger(logger),
  });
  serveDocs(app, { service: `${name} (operators)`, idempotencyKeys: 'required', everyCall: opsRefusals });
  return app;
}

async function opsModule(service: INestApplication): Promise<DynamicModule> {
  const controllers: Type[] = [];
  const providers = new Map<symbol, unknown>();
  for (const { needs, load } of opsParts) {
    const found = needs.map((token) => [token, partOf<unknown>(service, token)] as const);
    if (found.some(([, part]) => part === undefined)) continue;
    controllers.push(...(await load()));
    for (const [token, part] of found) providers.set(token, part);
  }
  return {
    module: OpsRoot,
    controllers: [OpsServiceController, ...controllers],
    providers: [
      ...[APP, LOGGER, LIFECYCLE].map((token) => ({
        provide: token,
        useValue: service.get<unknown>(token),
      })),
      ...[...providers].map(([token, part]) => ({ provide: token, useValue: part })),
      { provide: APP_FILTER, useClass: ProblemFilter },
      { provide: APP_PIPE, useClass: ValidationPipe },
      ...idempotency(partOf<SqlDatabase>(service, DATABASE)),
    ],
  };
}

/** Returns a part of the service, or undefined if the service does not have it, which Nest would log as an error. */
const partOf = <Part>(service: INestApplication, token: symbol): Part | undefined =>
  [...service.get(ModulesContainer).values()].some(({ providers }) => providers.has(token))
    ? service.get<Part>(token, { strict: false })
    : undefined;

const idempotency = (database: SqlDatabase | undefined): readonly Provider[] =>
  database === undefined
    ? []
    : [{ provide: APP_INTERCEPTOR, useFactory: () => idempotencyInterceptor(database) }];
