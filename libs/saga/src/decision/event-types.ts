import { declareEvents, firstVersion } from '@millrace/event-sourcing';
import type { SagaEvent } from './events.ts';

/** The event types of saga streams, for the store of every service that runs sagas. */
export const sagaEventTypes = declareEvents<SagaEvent>({
  SagaStarted: firstVersion,
  CommandSent: firstVersion,
  CommandResent: firstVersion,
  CommandAccepted: firstVersion,
  CommandRejected: firstVersion,
  StepTimedOut: firstVersion,
  CancellationRecorded: firstVersion,
  CompensationStarted: firstVersion,
  AttentionNeeded: firstVersion,
  ReplyIgnored: firstVersion,
  OperatorActed: firstVersion,
  SagaCompleted: firstVersion,
  SagaCompensated: firstVersion,
});
