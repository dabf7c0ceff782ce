import { randomUUID } from 'node:crypto';
import type { TestDatabase } from '@millrace/testing/postgres';
import { openLogAndDatabase } from '../modules/messaging/log-and-database.fixture.ts';
import { broken, sendReserve, shelfCommands, startShelf } from '../modules/messaging/shelf.fixture.ts';
import { callOps, type OpsAnswer } from './ops-call.fixture.ts';

/** A running shelf service, with a log and a database of its own. */
export interface OperatedShelf {
  readonly database: TestDatabase;
  /** Calls a path below `/ops`, as `callOps` does. */
  ops(path: string, body?: object, headers?: Readonly<Record<string, string>>): Promise<OpsAnswer>;
  /** Sends a command that the shelf fails to handle until its order is no longer `broken`. */
  sendBroken(): Promise<string>;
  close(): Promise<void>;
}

export async function openOperatedShelf(environment: NodeJS.ProcessEnv): Promise<OperatedShelf> {
  const parts = await openLogAndDatabase(shelfCommands);
  const { database } = parts;
  const shelf = await startShelf(parts, { IDLE_POLL_MS: '20', RETRY_IN_PLACE_MS: '0', ...environment });
  return {
    database,
    ops: (path, body, headers) => callOps(shelf, `/ops${path}`, body, headers),
    async sendBroken() {
      const orderId = `order-${randomUUID()}`;
      broken.add(orderId);
      await sendReserve(database, orderId);
      return orderId;
    },
    async close() {
      await shelf.stop();
      await parts.close();
    },
  };
}
