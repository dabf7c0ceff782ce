import type {
  CancellationReason,
  Money,
  OrderLine,
  PaymentMethod,
  ShippingAddress,
} from '@millrace/contracts';
import { declareEvents, firstVersion, type Erased, type PersonalPart } from '@millrace/event-sourcing';

export type Step = 'reserve' | 'pay' | 'ship' | 'complete' | 'commit';
export type UndoneStep = Extract<Step, 'reserve' | 'pay' | 'ship'>;

/** What payment and shipping need of the customer, kept only to publish it again. */
interface DetailsPersonal extends PersonalPart {
  readonly shippingAddress: ShippingAddress;
  readonly paymentMethod: PaymentMethod;
}

interface Noted {
  readonly orderId: string;
  /** When order heard of it, in ISO 8601 UTC. */
  readonly at: string;
}

export type ChoreographyEvent =
  | ({ readonly type: 'ChoreographyStarted' } & Noted)
  | ({ readonly type: 'StepDone'; readonly step: Step } & Noted)
  | ({
      readonly type: 'DetailsRepeated';
      readonly customerId: string;
      readonly total: Money;
      readonly personal: DetailsPersonal | Erased;
    } & Noted)
  | ({
      readonly type: 'ChoreographyFailed';
      readonly customerId: string;
      readonly lines: readonly OrderLine[];
      readonly reason: CancellationReason;
    } & Noted)
  | ({ readonly type: 'StepUndone'; readonly step: UndoneStep } & Noted)
  | ({ readonly type: 'ChoreographyCompleted' } & Noted)
  | ({ readonly type: 'ChoreographyCompensated' } & Noted);

export const choreographyEventTypes = declareEvents<ChoreographyEvent>({
  ChoreographyStarted: firstVersion,
  StepDone: firstVersion,
  DetailsRepeated: firstVersion,
  ChoreographyFailed: firstVersion,
  StepUndone: firstVersion,
  ChoreographyCompleted: firstVersion,
  ChoreographyCompensated: firstVersion,
});
