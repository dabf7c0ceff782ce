import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { createAlarms, type Alarms } from '@millrace/operations/alarms';
import { systemClock, type Logger } from '@millrace/streaming-core/runtime';
import { thresholdsOf } from '../ground/config/watch-settings.ts';
import { SERVICE, type ServiceIdentity } from '../ground/config/service.ts';
import { createHealth, HEALTH, type Health } from '../observability/health/health.ts';
import { HealthController } from '../web/health.controller.ts';
import { ProblemFilter } from '../web/problems/problem-answers.ts';
import { ValidationPipe } from '../web/problems/validation.pipe.ts';
import { LIFECYCLE, type Lifecycle } from '../ground/lifecycle/lifecycle.ts';
import { LOGGER } from '../ground/logging/logger.ts';
import { TRANSPORT_SLOT, type TransportSlot } from './messaging/consumer-transport.ts';
import { MetricsController } from '../web/metrics.controller.ts';
import { createMessagingMetrics, MESSAGING_METRICS } from '../observability/metrics/messaging-metrics.ts';
import { METRICS, type Metrics } from '../observability/metrics/metrics.ts';
import { ALARMS, showAlarms } from '../observability/watch/show-alarms.ts';
import { createDeadLetters, DEAD_LETTERS } from '../observability/watch/dead-letter-watch.ts';
import { createLags, LAGS } from '../observability/watch/lag-watch.ts';
import { createParked, PARKED } from '../observability/watch/parked-watch.ts';
import { createWatcher, WATCHER, type Watcher } from '../observability/watch/watcher.ts';

export interface ChassisOptions {
  readonly service: ServiceIdentity;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly metrics: Metrics;
}

/**
 * Provides everything that all services share: identity, log, health, metrics, lifecycle,
 * validation and problems.
 */
@Module({})
export class ChassisModule {
  static forRoot({ service, logger, lifecycle, metrics }: ChassisOptions): DynamicModule {
    return {
      module: ChassisModule,
      global: true,
      controllers: [HealthController, MetricsController],
      providers: [
        { provide: SERVICE, useValue: service },
        { provide: LOGGER, useValue: logger },
        { provide: LIFECYCLE, useValue: lifecycle },
        { provide: METRICS, useValue: metrics },
        { provide: TRANSPORT_SLOT, useFactory: (): TransportSlot => ({}) },
        { provide: HEALTH, useFactory: () => createHealth() },
        {
          provide: ALARMS,
          useFactory: () =>
            createAlarms({
              clock: systemClock,
              logger,
              thresholds: thresholdsOf(service.config),
              holdMs: service.config.alarmHoldMs,
            }),
        },
        {
          provide: WATCHER,
          inject: [ALARMS, HEALTH],
          useFactory: (alarms: Alarms, health: Health) => {
            const { registry } = metrics;
            showAlarms({ alarms, health, registry });
            return createWatcher({
              lifecycle,
              alarms,
              registry,
              clock: systemClock,
              logger,
              everyMs: service.config.watchEveryMs,
            });
          },
        },
        {
          provide: MESSAGING_METRICS,
          useFactory: () => {
            const messages = createMessagingMetrics(metrics.registry);
            lifecycle.add({ name: 'messaging metrics', start: () => undefined, stop: messages.stop });
            return messages;
          },
        },
        {
          provide: LAGS,
          useFactory: () => createLags(metrics.registry),
        },
        {
          provide: DEAD_LETTERS,
          inject: [WATCHER],
          useFactory: (watcher: Watcher) => createDeadLetters({ registry: metrics.registry, watcher }),
        },
        {
          provide: PARKED,
          useFactory: () => createParked(metrics.registry),
        },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useClass: ValidationPipe },
      ],
      exports: [
        SERVICE,
        LOGGER,
        LIFECYCLE,
        METRICS,
        MESSAGING_METRICS,
        HEALTH,
        WATCHER,
        LAGS,
        DEAD_LETTERS,
        PARKED,
        TRANSPORT_SLOT,
      ],
    };
  }
}
