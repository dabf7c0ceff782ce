import {
  decideAndRecord,
  isRejected,
  lockMoreStreams,
  postgresEventStore,
  publishEvents,
  retryingTransaction,
  toPublic,
  type Decider,
  type Publish,
} from '@millrace/event-sourcing';
import type { OutboxMessage } from '@millrace/streaming-core/outbox';
import { type SqlDatabase, type SqlTransaction } from '@millrace/streaming-core/postgres';
import { v7 } from 'uuid';
import { tripEvents, withLocalPivot } from '../decision/sample-saga.fixture.ts';
import type { SagaEngineOptions } from './options.ts';

type TripCommand = { readonly type: 'Confirm' | 'Abandon'; readonly tripId: string };
type TripEvent = {
  readonly type: 'Confirmed' | 'ConfirmationRefused' | 'Abandoned';
  readonly tripId: string;
};

/** Decides on a trip, in the service that runs the saga. A trip is confirmed or abandoned once. */
const tripDecider: Decider<TripCommand, TripEvent, 'open' | 'confirmed' | 'abandoned', 'too_late'> = {
  initialState: 'open',
  decide({ type, tripId }, state) {
    if (type === 'Abandon') {
      if (state === 'confirmed') return { rejected: 'too_late', details: {} };
      return state === 'open' ? [{ type: 'Abandoned', tripId }] : [];
    }
    return [{ type: state === 'open' ? 'Confirmed' : 'ConfirmationRefused', tripId }];
  },
  evolve(state, { type }) {
    if (type === 'Confirmed') return 'confirmed';
    return type === 'Abandoned' ? 'abandoned' : state;
  },
};

const store = postgresEventStore();
const tripStream = (tripId: string): string => `trip-${tripId}`;

const publish = publishEvents<TripEvent, unknown>({ source: '/millrace/trips' }, ({ type, tripId }) => {
  if (type === 'Confirmed') return [toPublic(tripEvents.TripConfirmed, { tripId })];
  if (type === 'Abandoned') return [toPublic(tripEvents.TripAbandoned, { tripId })];
  const refused = { tripId, reason: 'abandoned' } as const;
  return [toPublic(tripEvents.TripConfirmationRefused, refused)];
});

const recordingOf = (transaction: SqlTransaction, causationId: string, publishes = publish) => ({
  transaction,
  recorder: { store, publish: publishes },
  metadata: { correlationId: 'story', causationId },
  newId: v7,
  now: new Date(),
});

/** Decides `ConfirmTrip` on the trip's own stream. */
export const confirmLocally: NonNullable<SagaEngineOptions['local']> = async (
  transaction,
  { key, attributes },
) => {
  let written: readonly OutboxMessage[] = [];
  const noted: Publish = async (within, events) => (written = await publish(within, events));
  const command = { type: 'Confirm', tripId: key } as const;
  await decideAndRecord(
    recordingOf(transaction, attributes.id, noted),
    tripDecider,
    tripStream(key),
    command,
  );
  return written;
};

/** Options of an engine whose service decides the pivot. */
export const localPivot: Partial<SagaEngineOptions> = {
  definitions: [withLocalPivot],
  local: confirmLocally,
  alsoLocks: (tripId) => [tripStream(tripId)],
};

/**
 * Cancels a trip as a customer's request does, but leaves the COMMIT to the schedule. Resolves to
 * the answer.
 */
export const abandon = (tripId: string) => (sql: SqlDatabase) =>
  retryingTransaction(sql, async (transaction, attempt) => {
    const stream = tripStream(tripId);
    if (attempt > 1) await lockMoreStreams(transaction, [stream]);
    const command = { type: 'Abandon', tripId } as const;
    const outcome = await transaction.unitOfWork(() =>
      decideAndRecord(recordingOf(transaction, v7()), tripDecider, stream, command),
    );
    return isRejected(outcome) ? outcome.rejected : 'accepted';
  });
