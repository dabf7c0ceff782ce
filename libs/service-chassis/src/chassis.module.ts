import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import type { Logger } from '@millrace/streaming-core/contract';
import { SERVICE, type ServiceIdentity } from './config/service.ts';
import { createHealth, HEALTH } from './health/health.ts';
import { HealthController } from './health/health.controller.ts';
import { ProblemFilter } from './http/problem.filter.ts';
import { ValidationPipe } from './http/validation.pipe.ts';
import { LIFECYCLE, type Lifecycle } from './lifecycle/lifecycle.ts';
import { LOGGER } from './logging/logger.ts';
import { TRANSPORT_SLOT, type TransportSlot } from './messaging/transport-slot.ts';
import { MetricsController } from './metrics/metrics.controller.ts';
import { METRICS, type Metrics } from './metrics/metrics.ts';

export interface ChassisOptions {
  readonly service: ServiceIdentity;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly metrics: Metrics;
}

/** What every service has and none repeats: identity, log, health, metrics, lifecycle, validation and problems. */
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
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useClass: ValidationPipe },
      ],
      exports: [SERVICE, LOGGER, LIFECYCLE, METRICS, HEALTH, TRANSPORT_SLOT],
    };
  }
}
