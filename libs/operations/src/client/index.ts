/** Shared by operators' programs: finds a system, asks its services, and reads its log. */
export { Addresses, type AddressSources, type GivenAddresses, type LocalStack } from './addresses.ts';
export {
  askReachable,
  findOwner,
  findOwners,
  isAbsent,
  readItems,
  readPages,
  type FirstItems,
} from './ask-services.ts';
export {
  boundMeaning,
  parseBound,
  partitionsOf,
  rangesBetween,
  type Bound,
  type ReadRange,
} from './bounds.ts';
export {
  branchesOf,
  readCorrelation,
  treeOfEvents,
  type Branch,
  type CorrelatedEvent,
  type Correlation,
} from './correlation.ts';
export { whyUnreachable, withAdmin, withDatabase, withLag, withReader, type Cluster } from './connections.ts';
export {
  decideInPages,
  lettersOf,
  lettersPath,
  lettersPerRequest,
  postDecision,
  reasonsPath,
  type LetterDecision,
} from './decide-letters.ts';
export { askProcesses, type ServiceReport } from './service-reports.ts';
export { freeBytesOn, lowDiskBytes, megabyte } from './disk.ts';
export { ErasureLedger, erasureLedgerName, ledgerOfFolder, type LedgerEntry } from './erasure-ledger.ts';
export { highestLags } from './highest-lags.ts';
export { InvalidInput, OperationFailed } from './errors.ts';
export { httpRequest, jsonIn } from './http-request.ts';
export { lagOfGroup, lagOfGroups, lagOfSinks, type GroupLag, type OwnedLag } from './lag.ts';
export { areCopies, refuseCopies } from './copied-offsets.ts';
export { eventPrefix, messageOf, readMessages, textOf, type Message } from './messages.ts';
export { replicasFor } from './replicas-by-lag.ts';
export { connectOps, localActor, OpsRefusal, type OpsAnswer, type OpsClient } from './ops-client.ts';
export {
  batchFactsOf,
  readRawMessages,
  type BatchFacts,
  type RawMarker,
  type RawMessage,
  type RawRecord,
} from './raw-messages.ts';
export type { Reading } from './read-log.ts';
export {
  changedLines,
  checkSchema,
  compatibilityOf,
  connectRest,
  failureLine,
  firstFailure,
  readableSchema,
  readConnectors,
  RestRefusal,
  subjectPath,
  type CompatibilityAnswer,
  type ConnectorView,
  type RestClient,
  type SchemaVersion,
} from './rest-client.ts';
export { isWell, readStatus, type Section, type Status } from './status.ts';
export { withStops } from './stopped-processes.ts';
export { actOnProcess, supervisedBy, SupervisorRefusal } from './supervisor.ts';
export { partitionRows, topicRows, type LogTools, type PartitionRow, type TopicRow } from './topic-sizes.ts';
