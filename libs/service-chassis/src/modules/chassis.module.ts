import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { createAlarms } from '@millrace/operations/alarms';
import { systemClock, type Logger } from '@millrace/streaming-core/runtime';
import { thresholdsOf, type WatchConfig } from '../ground/config/watch-settings.ts';
import { APP, type AppIdentity } from '../ground/config/app-config.ts';
import { DATABASE_CLIENT, isDatabaseClient } from '../ground/config/database-config.ts';
import { isLogClient, isWatched, LOG_CLIENT } from '../ground/config/log-client-config.ts';
import { isService, SERVICE, type ServiceIdentity } from '../ground/config/service-config.ts';
import { LIFECYCLE, type Lifecycle } from '../ground/lifecycle/lifecycle.ts';
import { LOGGER } from '../ground/logging/logger.ts';
import { provide } from '../ground/provide.ts';
import { createHealth, HEALTH } from '../observability/health/health.ts';
import { createMessagingMetrics, MESSAGING_METRICS } from '../observability/metrics/messaging-metrics.ts';
import { METRICS, type Metrics } from '../observability/metrics/metrics.ts';
import { createGroupWatches, GROUP_WATCHES } from '../observability/watch/group-watches.ts';
import { showAlarms, createWatcher, WATCHER } from '../observability/watch/watcher.ts';
import { HealthController, MetricsController } from '../web/probes.controller.ts';
import { ProblemFilter } from '../web/problems/problem-answers.ts';
import { ValidationPipe } from '../web/problems/validation.pipe.ts';
import { TRANSPORT_SLOT } from './messaging/transport-slot.ts';

export interface ChassisOptions {
  readonly app: AppIdentity;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly metrics: Metrics;
}

/**
 * Provides everything that all apps share: identity, log, health, metrics, lifecycle, validation and
 * problems. A service or a stream application also gets its alarms and what watches its messages.
 */
@Module({})
export class ChassisModule {
  static forRoot({ app, logger, lifecycle, metrics }: ChassisOptions): DynamicModule {
    const parts = [
      { provide: APP, useValue: app },
      { provide: LOGGER, useValue: logger },
      { provide: LIFECYCLE, useValue: lifecycle },
      { provide: METRICS, useValue: metrics },
      provide(TRANSPORT_SLOT, [], () => ({})),
      provide(HEALTH, [], () => createHealth()),
      ...(isLogClient(app) ? [{ provide: LOG_CLIENT, useValue: app }] : []),
      ...(isDatabaseClient(app) ? [{ provide: DATABASE_CLIENT, useValue: app }] : []),
      ...(isWatched(app) ? watches(app.config, { logger, lifecycle, metrics }) : []),
      ...(isService(app) ? partsOfService(app, { lifecycle, metrics }) : []),
    ];
    return {
      module: ChassisModule,
      global: true,
      controllers: [HealthController, MetricsController],
      providers: [
        ...parts,
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useClass: ValidationPipe },
      ],
      exports: parts.map((part) => part.provide),
    };
  }
}

type WatchedParts = Pick<ChassisOptions, 'logger' | 'lifecycle' | 'metrics'>;

const watches = (config: WatchConfig, { logger, lifecycle, metrics: { registry } }: WatchedParts) => [
  provide(WATCHER, [HEALTH], (health) => {
    const thresholds = thresholdsOf(config);
    const alarms = createAlarms({ clock: systemClock, logger, thresholds, holdMs: config.alarmHoldMs });
    showAlarms({ alarms, health, registry });
    const everyMs = config.watchEveryMs;
    return createWatcher({ lifecycle, alarms, registry, clock: systemClock, logger, everyMs });
  }),
  provide(GROUP_WATCHES, [WATCHER], (watcher) => createGroupWatches(registry, watcher)),
];

const partsOfService = (
  service: ServiceIdentity,
  { lifecycle, metrics: { registry } }: Omit<WatchedParts, 'logger'>,
) => [
  { provide: SERVICE, useValue: service },
  provide(MESSAGING_METRICS, [], () => {
    const messages = createMessagingMetrics(registry);
    lifecycle.add({ name: 'messaging metrics', start: () => undefined, stop: messages.stop });
    return messages;
  }),
];
