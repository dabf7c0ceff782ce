import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { DATABASE, QUIET_DATABASE } from '../../database/database.module.ts';
import { provideLifecycle } from '../../ground/lifecycle/lifecycle.ts';
import { LOGGER } from '../../ground/logging/logger.ts';
import { forgetWorker } from './forget-worker.ts';
import { idempotencyInterceptor } from './idempotency.interceptor.ts';

/**
 * Makes each POST with an `Idempotency-Key` take effect once, and gives its repetitions the same
 * answer for 24 hours. The role `relay` deletes the answers that have expired. Needs
 * `DatabaseModule`.
 */
@Module({
  providers: [
    { provide: APP_INTERCEPTOR, inject: [DATABASE], useFactory: idempotencyInterceptor },
    provideLifecycle(
      { name: 'idempotency keys', role: 'relay' },
      [QUIET_DATABASE, LOGGER],
      (database, logger) => forgetWorker({ database, logger }),
    ),
  ],
})
export class IdempotencyModule {}
