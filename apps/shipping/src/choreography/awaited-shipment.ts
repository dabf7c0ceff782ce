import type { ShippingAddress } from '@millrace/contracts';
import {
  declareEvents,
  decisionOf,
  firstVersion,
  isErased,
  isRejected,
  type Decision,
  type Erased,
  type Folding,
  type PersonalPart,
} from '@millrace/event-sourcing';
import type { ShipmentEvent } from '../domain/events.ts';
import { shipment as shipmentDecider, type CarrierCall, type Shipment } from '../domain/shipment.ts';

interface DetailsPersonal extends PersonalPart {
  readonly address: ShippingAddress;
}

interface Details {
  readonly customerId: string;
  readonly personal: DetailsPersonal | Erased;
}

export type AwaitedShipmentEvent =
  | ({ readonly type: 'ShippingDetailsReceived'; readonly orderId: string } & Details)
  | { readonly type: 'PaymentSeen'; readonly orderId: string };

export const awaitedShipmentEventTypes = declareEvents<AwaitedShipmentEvent>({
  ShippingDetailsReceived: firstVersion,
  PaymentSeen: firstVersion,
});

/** What has arrived of the two things that shipping waits for before it sends a choreographed order. */
export interface AwaitedShipment {
  readonly details?: Details;
  readonly isPaid: boolean;
}

const initialState: AwaitedShipment = { isPaid: false };

export const awaitedShipment: Folding<AwaitedShipmentEvent, AwaitedShipment> = { initialState, evolve };

interface States {
  readonly awaited: AwaitedShipment;
  readonly shipment: Shipment;
}

type AwaitedDecision = Decision<
  { readonly awaited: readonly AwaitedShipmentEvent[]; readonly shipment?: readonly ShipmentEvent[] },
  CarrierCall
>;

/** Records what has arrived, and books once both have. Details that were erased book nothing. */
export function bookOnceComplete(
  arrived: AwaitedShipmentEvent,
  { awaited: before, shipment }: States,
): AwaitedDecision {
  const awaited = isNews(arrived, before) ? [arrived] : [];
  const { details, isPaid } = awaited.reduce(evolve, before);
  if (!isPaid || details === undefined || isErased(details.personal)) return { events: { awaited } };
  const { customerId, personal } = details;
  const { orderId } = arrived;
  const decided = shipmentDecider.decide(
    { type: 'ScheduleShipment', orderId, customerId, address: personal.address },
    shipment,
  );
  if (isRejected(decided))
    throw new Error(`ScheduleShipment of ${orderId} was rejected: ${decided.rejected}`);
  const { events, calls } = decisionOf(decided);
  return { events: { awaited, shipment: events }, calls };
}

const isNews = ({ type }: AwaitedShipmentEvent, { details, isPaid }: AwaitedShipment): boolean =>
  type === 'PaymentSeen' ? !isPaid : details === undefined;

function evolve(state: AwaitedShipment, event: AwaitedShipmentEvent): AwaitedShipment {
  if (event.type === 'PaymentSeen') return { ...state, isPaid: true };
  const { customerId, personal } = event;
  return { ...state, details: { customerId, personal } };
}
