export type { MessageDeclaration } from '@millrace/streaming-core/contract';
export { saga } from './definition/saga.ts';
export { hasLocalPivot, isLocal, messagesOf, sagaStream, topicsOf } from './definition/definition.ts';
export type { CommandSource, Failure, SagaDefinition, Step } from './definition/definition.ts';
export { describeDefinition, type DescribedDefinition } from './definition/describe-definition.ts';
export { buildCommand } from './decision/commands.ts';
export {
  sagaDecider,
  type CommandToSend,
  type SagaDecider,
  type SagaDecision,
  type TimerChange,
} from './decision/decide.ts';
export { sagaEventTypes, type OperatorAction, type Role, type SagaEvent } from './decision/events.ts';
export type { SagaInput } from './decision/inputs.ts';
export { defaultSagaSettings, type SagaSettings } from './decision/settings.ts';
export { sagaFolding } from './decision/evolve.ts';
export { awaited, needsAttention, tokenOf, type SagaState } from './decision/state.ts';
export { SagaError, sagaMigrations, type SagaErrorCode } from './errors.ts';
export { createSagaEngine, type SagaEngine } from './engine/saga-engine.ts';
export { defaultTimerSettings, type SagaEngineOptions, type TimerSettings } from './engine/options.ts';
export type { DueTimer, TimedProcess } from './engine/timed-processes.ts';
export { clearTimer, setTimer, type TimerToSet } from './postgres/process-timers.ts';
export type { LiveVersion, StartVersions } from './engine/definitions.ts';
export type { SagaEnded, SagaReplied, SagaResent, SagaStarted } from './engine/reports.ts';
export type {
  InspectedSaga,
  InspectedStep,
  InspectedWait,
  InspectSaga,
  SagaName,
  SagaStatus,
  WaitedReply,
} from './engine/inspect.ts';
export type { Hold, HoldName, HoldOperations } from './engine/holds.ts';
export type {
  GivenSaga,
  OperatedSaga,
  OperatorAct,
  PlacedSagaEvent,
  SagaOperations,
} from './engine/operate.ts';
export { operatorRefusals, type OperatorRefusal } from './decision/operator.ts';
export {
  listSagas,
  type ListedSaga,
  type SagaFilterState,
  type SagaPlace,
  type SagaQuery,
} from './postgres/saga-list.ts';
export { sagaFigures, type LiveSagas, type SagaFigures } from './postgres/saga-figures.ts';
