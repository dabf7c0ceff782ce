import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from '@millrace/streaming-core/runtime';
import { ChassisModule } from '../chassis.module.ts';
import type { ServiceConfig } from '../config/service-config.ts';
import { allowOrigins } from '../http/cross-origin.ts';
import { serveDocs } from '../http/docs.ts';
import { createFastify } from '../http/fastify.ts';
import { createLogger } from '../logging/logger.ts';
import type { LogSubject } from '../logging/log-subject.ts';
import { nestLogger } from '../logging/nest-logger.ts';
import { TRANSPORT_SLOT, type TransportSlot } from '../messaging/consumer-transport.ts';
import { createMetrics } from '../metrics/metrics.ts';
import { drainHttp } from './drain-http.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';

export interface ServiceDefinition<Config extends ServiceConfig> {
  readonly name: string;
  readonly config: Config;
  /** The composition root: what is bound to what. */
  readonly module: (config: Config) => DynamicModule | Type;
  readonly logger?: Logger;
  /** The field of messages and paths that log lines carry. */
  readonly logSubject?: LogSubject;
}

export interface RunningService {
  /** `http://127.0.0.1:3001`, with the port that was really taken. */
  readonly url: string;
  readonly app: NestFastifyApplication;
  /** Resolves once every component runs: the consumer has its partitions. HTTP answers before that. Rejects when one cannot start. */
  readonly started: Promise<void>;
  /** Finishes messages and requests in flight, stops the components, closes the database. Idempotent. */
  stop(): Promise<void>;
}

@Module({})
class ServiceRoot {}

/** Builds a service and listens. Touches nothing of the process, so tests run several side by side; `bootService` is the process around it. */
export async function startService<Config extends ServiceConfig>(
  definition: ServiceDefinition<Config>,
): Promise<RunningService> {
  const {
    name,
    config,
    module,
    logger = createLogger({ service: name, level: config.logLevel }),
    logSubject,
  } = definition;
  const lifecycle = createLifecycle(logger, config.roles);
  const metrics = createMetrics({ service: name });
  const chassis = ChassisModule.forRoot({
    service: { name, config, logSubject },
    logger,
    lifecycle,
    metrics,
  });
  const root: DynamicModule = { module: ServiceRoot, imports: [chassis, module(config)] };
  const adapter = createFastify({
    limits: config,
    roles: config.roles,
    logger,
    metrics,
    newId: randomUUID,
    logSubject,
  });
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    bodyParser: false,
    abortOnError: false,
    logger: nestLogger(logger),
  });
  try {
    connectConsumer(app, lifecycle);
    allowOrigins(app, config.corsOrigins);
    serveDocs(app, name);
    await app.listen(config.port, config.host);
  } catch (error) {
    await app.close();
    throw error;
  }
  const started = lifecycle.start();
  started.catch(() => undefined); // whoever awaits it hears of the failure; nobody has to
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    await lifecycle.stop();
    await drainHttp(app.getHttpServer(), { waitMsMax: config.shutdownGraceMs });
    await app.close();
  };
  return {
    url: urlOf(app),
    app,
    started,
    stop: () => (stopping ??= stop()),
  };
}

/** Last to start and first to stop: what it needs runs while it runs. */
function connectConsumer(app: NestFastifyApplication, lifecycle: Lifecycle): void {
  const { transport } = app.get<TransportSlot>(TRANSPORT_SLOT);
  if (transport === undefined) return;
  app.connectMicroservice({ strategy: transport }, { inheritAppConfig: true });
  lifecycle.add({
    name: 'consumer',
    role: 'worker',
    start: async () => void (await app.startAllMicroservices()),
    stop: () => transport.close(),
  });
}

function urlOf(app: NestFastifyApplication): string {
  const address = app.getHttpServer().address();
  if (address === null || typeof address === 'string')
    throw new TypeError('the HTTP server has no TCP address');
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${address.port}`;
}
