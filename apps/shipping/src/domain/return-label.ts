import type { MakeReturnLabel } from '@millrace/contracts';
import {
  assertNever,
  decisionOf,
  rejected,
  type Decider,
  type Decision,
  type Rejected,
  type StreamDecision,
} from '@millrace/event-sourcing';
import type { ReturnLabelEvent } from './events.ts';
import type { Shipment } from './shipment.ts';

type LabelDecision = StreamDecision<ReturnLabelEvent, LabelCall>;

/** The carrier's answer to the request for a label. */
export type LabelOutcome =
  { readonly outcome: 'made'; readonly trackingNumber: string } | { readonly outcome: 'refused' };

export type ReturnLabelCommand =
  | {
      readonly type: 'MakeReturnLabel';
      readonly orderId: string;
      /** True once the shipment of the order is on its way or delivered. */
      readonly leaves: boolean;
    }
  | { readonly type: 'RecordLabel'; readonly orderId: string; readonly answer: LabelOutcome }
  | { readonly type: 'VoidReturnLabel'; readonly orderId: string; readonly commandId: string }
  | { readonly type: 'RecordLabelVoided'; readonly orderId: string }
  | { readonly type: 'RecordParcel'; readonly orderId: string; readonly receivedAt: string };

export type ReturnLabelRejection = 'no_return_label' | 'return_label_voided';

/** A request to the carrier about the label of a return. */
export type LabelCall =
  | { readonly type: 'MakeLabel'; readonly orderId: string }
  | { readonly type: 'VoidLabel'; readonly orderId: string };

/**
 * In `making` and `voiding` the label waits for the carrier. `voidedBy` is the id of the command
 * that the answer belongs to. After `voided`, even without a label before it, a late
 * MakeReturnLabel changes nothing. `received` means that the returns desk has scanned the parcel.
 */
export type ReturnLabel =
  | { readonly status: 'none' }
  | { readonly status: 'making'; readonly voidedBy: string | undefined }
  | { readonly status: 'made' }
  | { readonly status: 'refused' }
  | { readonly status: 'voiding' }
  | { readonly status: 'voided'; readonly isReceived: boolean }
  | { readonly status: 'received' };

const initialState: ReturnLabel = { status: 'none' };

export const returnLabel: Decider<
  ReturnLabelCommand,
  ReturnLabelEvent,
  ReturnLabel,
  ReturnLabelRejection,
  LabelCall
> = { initialState, decide, evolve };

/**
 * Only what leaves can come back, so the decision depends on the shipment as well. A scheduled one
 * leaves: its order is completed, but the message that says so may come after this command, since it
 * is on another topic.
 */
export function makeReturnLabel(
  { orderId }: MakeReturnLabel,
  { shipment, returnLabel: before }: { readonly shipment: Shipment; readonly returnLabel: ReturnLabel },
): Decision<{ readonly returnLabel: readonly ReturnLabelEvent[] }, LabelCall> {
  const leaves = ['scheduled', 'dispatched', 'delivered'].includes(shipment.status);
  const { events, ...decision } = decisionOf<ReturnLabelEvent, LabelCall>(make({ orderId, leaves }, before));
  return { ...decision, events: { returnLabel: events } };
}

function decide(
  command: ReturnLabelCommand,
  state: ReturnLabel,
): LabelDecision | Rejected<ReturnLabelRejection> {
  switch (command.type) {
    case 'MakeReturnLabel':
      return make(command, state);
    case 'RecordLabel':
      return recordLabel(command, state);
    case 'VoidReturnLabel':
      return voidLabel(command, state);
    case 'RecordLabelVoided':
      return state.status === 'voiding' ? [{ type: 'ReturnLabelVoided', orderId: command.orderId }] : [];
    case 'RecordParcel':
      return recordParcel(command, state);
    default:
      return assertNever(command);
  }
}

function make(
  { orderId, leaves }: { readonly orderId: string; readonly leaves: boolean },
  state: ReturnLabel,
): LabelDecision {
  if (state.status !== 'none') return [];
  return leaves
    ? { events: [{ type: 'ReturnLabelRequested', orderId }], calls: [{ type: 'MakeLabel', orderId }] }
    : [{ type: 'ReturnLabelRefused', orderId, reason: 'label_refused' }];
}

const voidAtCarrier = (orderId: string) => ({
  events: [{ type: 'CarrierVoidRequested' as const, orderId }],
  calls: [{ type: 'VoidLabel' as const, orderId }],
});

/**
 * Records the carrier's answer. If the label was voided meanwhile, only the voiding is answered,
 * never the label, because the saga then waits for the answer to the voiding.
 */
function recordLabel(
  { orderId, answer }: Extract<ReturnLabelCommand, { type: 'RecordLabel' }>,
  state: ReturnLabel,
): LabelDecision {
  if (state.status !== 'making') return [];
  const answers = state.voidedBy;
  if (answers !== undefined)
    return answer.outcome === 'made'
      ? { ...voidAtCarrier(orderId), answers }
      : { events: [{ type: 'ReturnLabelVoided', orderId }], answers };
  return answer.outcome === 'made'
    ? [{ type: 'ReturnLabelMade', orderId, trackingNumber: answer.trackingNumber }]
    : [{ type: 'ReturnLabelRefused', orderId, reason: 'label_refused' }];
}

/** A label that has brought its parcel is used up, so the carrier has nothing to void. */
function voidLabel(
  { orderId, commandId }: Extract<ReturnLabelCommand, { type: 'VoidReturnLabel' }>,
  state: ReturnLabel,
): LabelDecision {
  switch (state.status) {
    case 'none':
    case 'refused':
    case 'received':
      return [{ type: 'ReturnLabelVoided', orderId }];
    case 'making':
      return state.voidedBy === undefined ? [{ type: 'ReturnLabelVoidRequested', orderId, commandId }] : [];
    case 'made':
      return voidAtCarrier(orderId);
    case 'voiding':
    case 'voided':
      return [];
    default:
      return assertNever(state);
  }
}

function recordParcel(
  { orderId, receivedAt }: Extract<ReturnLabelCommand, { type: 'RecordParcel' }>,
  state: ReturnLabel,
): LabelDecision | Rejected<ReturnLabelRejection> {
  switch (state.status) {
    case 'made':
      return [{ type: 'ReturnParcelReceived', orderId, receivedAt }];
    case 'received':
      return [];
    case 'none':
    case 'making':
    case 'refused':
      return rejected('no_return_label', { status: state.status });
    case 'voiding':
      return rejected('return_label_voided', { status: state.status });
    case 'voided':
      return state.isReceived ? [] : rejected('return_label_voided', { status: state.status });
    default:
      return assertNever(state);
  }
}

function evolve(state: ReturnLabel, event: ReturnLabelEvent): ReturnLabel {
  switch (event.type) {
    case 'ReturnLabelRequested':
      return { status: 'making', voidedBy: undefined };
    case 'ReturnLabelMade':
      return { status: 'made' };
    case 'ReturnLabelRefused':
      return { status: 'refused' };
    case 'ReturnLabelVoidRequested':
      return state.status === 'making' ? { ...state, voidedBy: event.commandId } : state;
    case 'CarrierVoidRequested':
      return { status: 'voiding' };
    case 'ReturnLabelVoided':
      return { status: 'voided', isReceived: state.status === 'received' };
    case 'ReturnParcelReceived':
      return { status: 'received' };
    default:
      return assertNever(event);
  }
}
