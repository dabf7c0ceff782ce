import { randomUUID } from 'node:crypto';
import { Module, type DynamicModule, type INestApplication, type Provider, type Type } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE, NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from '@millrace/streaming-core/runtime';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { SERVICE, type ServiceIdentity } from '../ground/config/service.ts';
import { DATABASE } from '../database/database.module.ts';
import { serveDocs } from '../web/openapi/docs.ts';
import { createFastify } from '../web/http/fastify.ts';
import { ProblemFilter } from '../web/problems/problem-answers.ts';
import { ValidationPipe } from '../web/problems/validation.pipe.ts';
import { idempotencyInterceptor } from '../web/idempotency/idempotency.interceptor.ts';
import { LIFECYCLE } from '../ground/lifecycle/lifecycle.ts';
import { LOGGER } from '../ground/logging/logger.ts';
import { nestLogger } from '../ground/logging/nest-logger.ts';
import { opsGuard, opsRefusals, requireIdempotencyKeys } from './ops-access.ts';
import { OpsServiceController } from './ops-service.controller.ts';
import { opsParts } from './ops-parts.ts';

@Module({})
class OpsRoot {}

/**
 * Builds the operator API of a service. It is an application of its own with a port of its own, so
 * that no mistake in a route can put it on the public one. It works on the parts of the service:
 * their database, saga engine and connections. Every process of a service has it, whatever its
 * roles.
 */
export async function createOps(service: INestApplication): Promise<NestFastifyApplication> {
  const { name, config } = service.get<ServiceIdentity>(SERVICE);
  const logger = service.get<Logger>(LOGGER);
  const adapter = createFastify({
    limits: config,
    roles: ['api'],
    logger,
    metrics: { observeRequest: () => undefined }, // the metrics are about what users experience
    newId: randomUUID,
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
      ...[SERVICE, LOGGER, LIFECYCLE].map((token) => ({
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

/** Returns a part of the service, or undefined if the service does not have it. */
const partOf = <Part>(service: INestApplication, token: symbol): Part | undefined => {
  try {
    return service.get<Part>(token, { strict: false });
  } catch {
    return undefined;
  }
};

const idempotency = (database: SqlDatabase | undefined): readonly Provider[] =>
  database === undefined
    ? []
    : [{ provide: APP_INTERCEPTOR, useFactory: () => idempotencyInterceptor(database) }];
