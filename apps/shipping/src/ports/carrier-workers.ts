import { lockStreams, assertNever, type CallIntent } from '@millrace/event-sourcing';
import {
  wokenByCommits,
  type Commits,
  type CommandHandler,
  type InternalCause,
} from '@millrace/service-chassis/service';
import { systemClock, type DurationMs, type Logger } from '@millrace/streaming-core/runtime';
import { createExternalCallWorker, type ExternalCall } from '@millrace/streaming-core/external-calls';
import type { Holder } from '@millrace/streaming-core/personal';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { ShippingAddress } from '@millrace/contracts';
import {
  returnLabel,
  type LabelCall,
  type LabelOutcome,
  type ReturnLabelCommand,
} from '../domain/return-label.ts';
import { shipment, type CarrierCall, type ShipmentCommand } from '../domain/shipment.ts';
import { bookingKey, type BookingOutcome, type Carrier } from './carrier.ts';
import { returnLabelStream, shipmentStream } from '../stream-ids.ts';

/** The request's row holds the address and is deleted once the carrier has answered. */
interface BookingPayload {
  readonly orderId: string;
  readonly address: ShippingAddress;
}

interface CarrierPayload {
  readonly orderId: string;
}

const bookingKind = 'carrier-booking';
const cancellationKind = 'carrier-cancellation';
const deliveryKind = 'carrier-delivery';
const labelKind = 'carrier-label';
const labelVoidKind = 'carrier-label-void';

const cancellationKey = (orderId: string): string => `${orderId}:ship:undo`;
const deliveryKey = (orderId: string): string => `${orderId}:delivery`;
const labelKey = (orderId: string): string => `${orderId}:return`;
const labelVoidKey = (orderId: string): string => `${orderId}:return:undo`;

/** Turns a call that the domain has decided on into a request to store. */
export function carrierCall(call: CarrierCall | LabelCall): CallIntent {
  const { orderId } = call;
  switch (call.type) {
    case 'BookShipment': {
      const payload: BookingPayload = { orderId, address: call.address };
      return { kind: bookingKind, key: bookingKey(orderId), subject: call.customerId, payload };
    }
    case 'CancelBooking':
      return {
        kind: cancellationKind,
        key: cancellationKey(orderId),
        payload: { orderId } satisfies CarrierPayload,
      };
    case 'DeliverShipment':
      return {
        kind: deliveryKind,
        key: deliveryKey(orderId),
        payload: { orderId } satisfies CarrierPayload,
      };
    case 'MakeLabel':
      return { kind: labelKind, key: labelKey(orderId), payload: { orderId } satisfies CarrierPayload };
    case 'VoidLabel':
      return {
        kind: labelVoidKind,
        key: labelVoidKey(orderId),
        payload: { orderId } satisfies CarrierPayload,
      };
    default:
      return assertNever(call);
  }
}

interface CarrierWorkerOptions {
  readonly database: SqlDatabase;
  readonly commits: Commits;
  readonly carrier: Carrier;
  readonly commands: CommandHandler<CarrierCall | LabelCall>;
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
  const record = (answer: InternalCause, command: ShipmentCommand) =>
    commands.handle(answer, shipment, shipmentStream(command.orderId), command);
  const recordLabel = (answer: InternalCause, command: ReturnLabelCommand) =>
    commands.handle(answer, returnLabel, returnLabelStream(command.orderId), command);
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
  const locksOfLabel = ({ payload: { orderId } }: ExternalCall<CarrierPayload>) => [
    returnLabelStream(orderId),
  ];
  const labels = createExternalCallWorker<CarrierPayload, LabelOutcome>({
    ...common,
    locks: locksOfLabel,
    kind: labelKind,
    call: ({ key, payload }) => carrier.makeLabel(key, bookingKey(payload.orderId)),
    complete: (transaction, { payload: { orderId }, metadata }, answer) =>
      recordLabel({ transaction, metadata }, { type: 'RecordLabel', orderId, answer }),
  });
  const labelVoids = createExternalCallWorker<CarrierPayload, void>({
    ...common,
    locks: locksOfLabel,
    kind: labelVoidKind,
    call: ({ payload }) => carrier.voidLabel(labelKey(payload.orderId)),
    complete: (transaction, { payload: { orderId }, metadata }) =>
      recordLabel({ transaction, metadata }, { type: 'RecordLabelVoided', orderId }),
  });
  return wokenByCommits(commits, [bookings, cancellations, deliveries, labels, labelVoids]);
}
