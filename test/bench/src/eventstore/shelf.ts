import { randomUUID } from 'node:crypto';
import {
  decideAndRecord,
  loadState,
  lockStreams,
  stateSchema,
  type Decider,
  type EventStore,
} from '@millrace/event-sourcing';
import { type SqlDatabase } from '@millrace/streaming-core/postgres';
import { z } from 'zod';

export interface Taken {
  readonly type: 'Taken';
  readonly orderId: string;
  readonly quantity: number;
}

interface Shelf {
  readonly onHand: number;
  readonly reserved: number;
}

/** A product from which every order takes, and so the stream that grows fastest. */
export const shelf: Decider<{ readonly orderId: string }, Taken, Shelf> = {
  initialState: { onHand: 1_000_000_000, reserved: 0 },
  decide: ({ orderId }) => [{ type: 'Taken', orderId, quantity: 1 }],
  evolve: ({ onHand, reserved }, { quantity }) => ({
    onHand: onHand - quantity,
    reserved: reserved + quantity,
  }),
};

export const shelfWithSnapshots: typeof shelf = {
  ...shelf,
  snapshots: stateSchema<Shelf>('shelf', {
    version: 1,
    schema: z.strictObject({ onHand: z.int(), reserved: z.int() }),
  }),
};

/**
 * The number of rows per statement. A slow disk has to finish it within the server's
 * `transaction_timeout`.
 */
const insertedAtOnce = 100_000;

/** Writes the events directly to the table, since only their number matters. */
export async function fillStream(database: SqlDatabase, stream: string, events: number): Promise<void> {
  for (let version = 0; version < events; version += insertedAtOnce)
    await database.query(
      `INSERT INTO event (position, id, stream, version, type, data, metadata, recorded_at)
     SELECT nextval('event_position'), gen_random_uuid(), $1, version, 'Taken',
            jsonb_build_object('orderId', gen_random_uuid(), 'quantity', 1),
            jsonb_build_object('correlationId', gen_random_uuid(), 'causationId', gen_random_uuid()), now()
     FROM generate_series($2::integer, $3::integer) AS version`,
      [stream, version + 1, Math.min(version + insertedAtOnce, events)],
    );
  await database.query('INSERT INTO stream (id, version) VALUES ($1, $2)', [stream, events]);
  await database.query('VACUUM ANALYZE event');
}

export interface Shelves {
  readonly database: SqlDatabase;
  readonly store: EventStore;
  readonly decider: typeof shelf;
}

/** Does what a batch does: locks the stream and loads it. Returns the ms that this took. */
export async function lockAndLoadMs({ database, store, decider }: Shelves, stream: string): Promise<number> {
  const startedAt = performance.now();
  await database.transaction(async (transaction) => {
    await lockStreams(transaction, [stream]);
    await loadState(transaction, store, decider, stream);
  });
  return performance.now() - startedAt;
}

/** Takes one decision in its own transaction, in two round trips as a service does. */
export const decideOnce = ({ database, store, decider }: Shelves, stream: string): Promise<unknown> =>
  database.transaction(async (transaction) => {
    await lockStreams(transaction, [stream]);
    const recording = {
      transaction,
      recorder: { store },
      metadata: { correlationId: stream, causationId: stream },
      newId: randomUUID,
      now: new Date(),
    };
    return transaction.lastUnitOfWork(() =>
      decideAndRecord(recording, decider, stream, { orderId: randomUUID() }),
    );
  });
