import { Controller } from '@nestjs/common';
import { topic } from '@millrace/streaming-core/contract';
import { appendToOutbox } from '@millrace/streaming-core/outbox';
import { minutes } from '@millrace/streaming-core/runtime';
import type { TestDatabase } from '@millrace/testing/postgres';
import { z } from 'zod';
import { DatabaseModule } from '../../database/database.module.ts';
import { newId } from '../events/recording.ts';
import { startSampleService } from '../../boot/start-sample.fixture.ts';
import type { RunningService } from '../../boot/start-service.ts';
import { Handles } from './consumer-transport.ts';
import type { LogAndDatabase } from './log-and-database.fixture.ts';
import { MessagingModule } from './messaging.module.ts';

export const shelfCommands = topic(
  'shelf-commands',
  { key: 'orderId', partitions: 2, retention: 'unlimited' },
  { Reserve: z.strictObject({ orderId: z.string() }) },
);

/** Sends a command to the shelf through the outbox, as another service does. */
export const sendReserve = (database: TestDatabase, orderId: string): Promise<unknown> =>
  database.sql.transaction((transaction) =>
    appendToOutbox(transaction, [
      {
        topic: shelfCommands.declaration.name,
        key: orderId,
        message: shelfCommands.Reserve({ orderId }),
        attributes: {
          id: newId(),
          source: '/millrace/test',
          type: 'Reserve',
          time: new Date().toISOString(),
          subject: orderId,
          dataSchema: '/schemas/shelf-commands/Reserve/1',
          correlationId: orderId,
          causationId: orderId,
        },
      },
    ]),
  );

/** The ids of the orders that the shelf services of this process have handled. */
export const handled: string[] = [];

/** The orders that the shelf services of this process fail to handle. */
export const broken = new Set<string>();

@Controller()
class ShelfMessages {
  @Handles(shelfCommands.Reserve)
  reserve({ orderId }: { readonly orderId: string }): Promise<void> {
    if (broken.has(orderId)) return Promise.reject(new RangeError(`the shelf for ${orderId} is broken`));
    handled.push(orderId);
    return Promise.resolve();
  }
}

/**
 * Starts a service that handles `shelf-commands` as instance `shelf-1`. Its lease and its session
 * outlast a test, so that neither expires on its own.
 */
export function startShelf(
  { broker, database }: Pick<LogAndDatabase, 'broker' | 'database'>,
  environment: NodeJS.ProcessEnv = {},
): Promise<RunningService> {
  return startSampleService({
    name: 'shelf',
    database,
    broker,
    env: { ...environment, SHELF_INSTANCE: 'shelf-1' },
    module: ({ databaseUrl }) => ({
      imports: [
        DatabaseModule.forRoot({ url: databaseUrl, poolSize: 5, entities: [] }),
        MessagingModule.forRoot({
          commands: [shelfCommands],
          events: [],
          limits: { leaseMs: minutes(10), sessionTimeoutMs: minutes(10) },
        }),
      ],
      controllers: [ShelfMessages],
    }),
  });
}

/** The body of an answer of /readyz. */
export interface Readiness {
  readonly status: string;
  readonly checks: Readonly<
    Record<string, { readonly healthy: boolean; readonly details?: Readonly<Record<string, unknown>> }>
  >;
}

export const readiness = async ({ url }: RunningService): Promise<Readiness> =>
  (await (await fetch(`${url}/readyz`)).json()) as Readiness;
