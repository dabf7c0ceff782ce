import 'reflect-metadata';
import { Module, type DynamicModule, type INestApplication, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from '@millrace/streaming-core/runtime';
import type { Server } from 'node:http';
import { ChassisModule } from '../modules/chassis.module.ts';
import type { AppConfig } from '../ground/config/app-config.ts';
import { allowOrigins, createFastify, type RequestGuard } from '../web/http/fastify.ts';
import { serveDocs } from '../web/openapi/docs.ts';
import { servePage } from '../web/page/serve-page.ts';
import { createLogger, nestLogger } from '../ground/logging/logger.ts';
import type { LogSubject } from '../ground/logging/request-context.ts';
import { TRANSPORT_SLOT, type TransportSlot } from '../modules/messaging/transport-slot.ts';
import { createMetrics } from '../observability/metrics/metrics.ts';
import { createLifecycle, type Lifecycle } from '../ground/lifecycle/lifecycle.ts';

/** The page that an app serves on `/`, and who may see it. */
export interface Page {
  /** The folder of the built page. */
  readonly folder: string;
  /**
   * Refuses requests to the page and to the paths that it calls, before any other answer. By default it
   * refuses none.
   */
  readonly guard?: RequestGuard;
  /** The problem codes with which the guard refuses calls, by status, for the document at `/docs`. */
  readonly refusals?: Readonly<Record<number, readonly string[]>>;
}

export interface ServiceDefinition<Config extends AppConfig> {
  readonly name: string;
  readonly config: Config;
  /** The composition root of the service. */
  readonly module: (config: Config) => DynamicModule | Type;
  readonly logger?: Logger;
  readonly logSubject?: LogSubject;
  /** The page on `/`. By default this is the documentation of the interface. */
  readonly page?: Page;
  readonly operators?: BuildOperators;
}

/** Builds the operator API of a service, which listens on the setting `opsPort`. */
export type BuildOperators = (service: INestApplication) => Promise<NestFastifyApplication>;

export interface RunningService {
  /**
   * The address of the service, such as `http://127.0.0.1:3001`, with the port that was actually
   * taken.
   */
  readonly url: string;
  /** The address of its operator API, which has a port of its own; empty for an app without one. */
  readonly opsUrl: string;
  readonly app: NestFastifyApplication;
  /**
   * Resolves once every component runs and the consumer has its partitions. HTTP answers before
   * that. Rejects if a component cannot start.
   */
  readonly started: Promise<void>;
  /**
   * Finishes messages and requests in flight, stops the components and closes the database.
   * Idempotent.
   */
  stop(): Promise<void>;
}

@Module({})
class ServiceRoot {}

/**
 * Builds a service and listens. It does not touch the process, so tests can run several services in
 * one; `bootService` is the process around it.
 */
export async function startService<Config extends AppConfig>(
  definition: ServiceDefinition<Config>,
): Promise<RunningService> {
  const {
    name,
    config,
    module,
    logger = createLogger({ service: name, level: config.logLevel }),
    logSubject,
    page,
    operators,
  } = definition;
  const roles = config.roles ?? ['api'];
  const lifecycle = createLifecycle(logger, roles);
  const metrics = createMetrics({ service: name });
  const chassis = ChassisModule.forRoot({
    app: { name, config, logSubject },
    logger,
    lifecycle,
    metrics,
  });
  const root: DynamicModule = { module: ServiceRoot, imports: [chassis, module(config)] };
  const adapter = createFastify({
    limits: config,
    roles,
    logger,
    metrics,
    logSubject,
    guard: page?.guard,
  });
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    bodyParser: false,
    abortOnError: false,
    logger: nestLogger(logger),
  });
  let ops: NestFastifyApplication | undefined;
  try {
    connectConsumer(app, lifecycle);
    allowOrigins(app, config.corsOrigins);
    serveDocs(app, { service: name, atRoot: page === undefined, everyCall: page?.refusals });
    if (page !== undefined) servePage(app, page);
    if (config.opsPort !== undefined) ops = await operators?.(app);
    await app.listen(config.port, config.host);
    await ops?.listen(config.opsPort ?? 0, config.opsHost ?? config.host).catch(namingOpsPort);
  } catch (error) {
    await ops?.close();
    await app.close();
    throw error;
  }
  const started = lifecycle.start();
  started.catch(() => undefined); // callers that await it see the failure; nobody has to
  let stopping: Promise<void> | undefined;
  const listening = ops;
  const stop = async () => {
    await lifecycle.stop();
    const limits = { waitMsMax: config.shutdownGraceMs };
    await Promise.all([listening, app].map((each) => each && drainHttp(each.getHttpServer(), limits)));
    await listening?.close();
    await app.close();
  };
  return {
    url: urlOf(app),
    opsUrl: ops === undefined ? '' : urlOf(ops),
    app,
    started,
    stop: () => (stopping ??= stop()),
  };
}

/** Adds to the error which setting determines the port that could not be opened. */
function namingOpsPort(error: NodeJS.ErrnoException): never {
  throw Object.assign(error, { setting: 'OPS_PORT' });
}

/**
 * Registers the consumer, which starts last and stops first, so that everything it needs is
 * running.
 */
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

/**
 * Accepts no new connections, lets requests in flight finish, and closes keep-alive connections as
 * they become idle (node alone would wait for their timeout). Connections still open after
 * `waitMsMax` are cut.
 */
async function drainHttp(server: Server, { waitMsMax }: { waitMsMax: number }): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const limit = setTimeout(() => server.closeAllConnections(), waitMsMax);
  server.closeIdleConnections();
  await closed;
  clearInterval(sweep);
  clearTimeout(limit);
}
