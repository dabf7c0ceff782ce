import { lockStreams } from '@millrace/event-sourcing';
import {
  wokenByCommits,
  type CallAnswer,
  type Commits,
  type CommandHandler,
} from '@millrace/service-chassis/service';
import { systemClock, type DurationMs, type Logger } from '@millrace/streaming-core/runtime';
import { createExternalCallWorker, type ExternalCall } from '@millrace/streaming-core/external-calls';
import type { Holder } from '@millrace/streaming-core/personal';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { shipment } from '../domain/decide.ts';
import type { CarrierCall, ShipmentCommand } from '../domain/shipment.ts';
import type { BookingOutcome, Carrier } from './carrier.ts';
import { shipmentStream } from '../stream-ids.ts';
import {
  bookingKey,
  bookingKind,
  cancellationKind,
  deliveryKind,
  type BookingPayload,
  type CarrierPayload,
} from './carrier-calls.ts';

interface CarrierWorkerOptions {
  readonly database: SqlDatabase;
  readonly commits: Commits;
  readonly carrier: Carrier;
  readonly commands: CommandHandler<CarrierCall>;
  /** Opens the payloads. */
  readonly holder: Holder;
  readonly logger: Logger;
  readonly idlePollMs: DurationMs;
}

/**
 * The limit on calls of a slow kind in flight. It is high, so that one slow parcel delays no other.
 */
const slowCallsMax = 64;

/** Runs one worker per kind of call, so that slow deliveries delay no booking. */
export function carrierWorkers({
  database,
  commits,
  carrier,
  commands,
  holder,
  logger,
  idlePollMs,
}: CarrierWorkerOptions) {
  const logFields = ({ payload: { orderId } }: ExternalCall<{ readonly orderId: string }>) => ({ orderId });
  const locks = ({ payload: { orderId } }: ExternalCall<{ readonly orderId: string }>) => [
    shipmentStream(orderId),
  ];
  const record = (answer: CallAnswer, command: ShipmentCommand) =>
    commands.handle(answer, shipment, shipmentStream(command.orderId), command);
  const common = {
    database,
    holder,
    logger,
    logFields,
    locks,
    lockStreams,
    clock: systemClock,
    idleMsMax: idlePollMs,
  };
  const bookings = createExternalCallWorker<BookingPayload, BookingOutcome>({
    ...common,
    kind: bookingKind,
    concurrency: slowCallsMax,
    call: ({ key, payload }, context) => carrier.book(key, payload.address, context),
    query: ({ key }) => carrier.outcomeOf(key),
    complete: (transaction, { payload: { orderId }, metadata }, outcome) =>
      record({ transaction, metadata }, { type: 'RecordBooking', orderId, outcome }),
  });
  const cancellations = createExternalCallWorker<CarrierPayload, void>({
    ...common,
    kind: cancellationKind,
    call: ({ payload }) => carrier.cancel(bookingKey(payload.orderId)),
    complete: (transaction, { payload: { orderId }, metadata }) =>
      record({ transaction, metadata }, { type: 'RecordBookingCancelled', orderId }),
  });
  const deliveries = createExternalCallWorker<CarrierPayload, void>({
    ...common,
    kind: deliveryKind,
    concurrency: slowCallsMax,
    call: ({ payload }, context) => carrier.deliver(bookingKey(payload.orderId), context),
    complete: (transaction, { payload: { orderId }, metadata }) =>
      record({ transaction, metadata }, { type: 'RecordDelivery', orderId }),
  });
  return wokenByCommits(commits, [bookings, cancellations, deliveries]);
}
