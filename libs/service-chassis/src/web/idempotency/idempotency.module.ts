import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { minutes, pause, systemClock, type Logger } from '@millrace/streaming-core/runtime';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { DATABASE, QUIET_DATABASE } from '../../database/database.tokens.ts';
import { provideLifecycle, type Component } from '../../ground/lifecycle/lifecycle.ts';
import { LOGGER } from '../../ground/logging/logger.ts';
import { TAKES_IDEMPOTENCY_KEYS } from './idempotency-key.ts';
import { idempotencyInterceptor } from './idempotency.interceptor.ts';
import { forgetExpired } from './kept-answers.ts';

interface ForgetWorkerOptions {
  readonly database: SqlDatabase;
  readonly logger: Logger;
  readonly wakeEveryMs?: number;
  readonly sliceRowsMax?: number;
  readonly betweenSlicesMs?: number;
}

/**
 * Deletes expired answers in slices, each in its own short transaction. Replicas share the work.
 */
export function forgetWorker({
  database,
  logger,
  wakeEveryMs = minutes(10),
  sliceRowsMax = 500,
  betweenSlicesMs = 50,
}: ForgetWorkerOptions): Omit<Component, 'name'> {
  const stopped = new AbortController();
  let running = Promise.resolve();

  async function run(): Promise<void> {
    while (!stopped.signal.aborted) {
      const deleted = await forgetExpired(database, sliceRowsMax).catch((err: unknown) => {
        logger.warn({ err }, 'expired idempotency keys could not be deleted; the next run tries again');
        return 0;
      });
      await pause(systemClock, deleted === sliceRowsMax ? betweenSlicesMs : wakeEveryMs, stopped.signal);
    }
  }

  return {
    start: () => void (running = run()),
    stop() {
      stopped.abort();
      return running;
    },
  };
}

/**
 * Makes each POST with an `Idempotency-Key` take effect once, and gives its repetitions the same
 * answer for 24 hours. The role `relay` deletes the answers that have expired. Needs
 * `DatabaseModule`.
 */
@Module({
  providers: [
    { provide: TAKES_IDEMPOTENCY_KEYS, useValue: true },
    { provide: APP_INTERCEPTOR, inject: [DATABASE], useFactory: idempotencyInterceptor },
    provideLifecycle(
      { name: 'idempotency keys', role: 'relay' },
      [QUIET_DATABASE, LOGGER],
      (database, logger) => forgetWorker({ database, logger }),
    ),
  ],
})
export class IdempotencyModule {}
