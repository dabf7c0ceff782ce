export {
  BlockedError,
  ConsumerError,
  FencedError,
  TerminalError,
  type ConsumerErrorCode,
} from './consumer-error.ts';
export { claimLogCluster, logClusterOf, refuseForeignCluster } from './log-cluster.ts';
export { consumerLimits, type ConsumerLimits, type RetryPolicy } from './limits.ts';
export {
  giveUpAfterNextAttempt,
  retryNow,
  listParked,
  type ListedParkedKey,
  type ParkedKeyQuery,
} from './parked-list.ts';
export { parkedFigures, type ParkedFigures } from './parked-store.ts';
export { refuseOutside, takeOffset, type OffsetRow, type TakenOffset } from './offset-store.ts';
export { openBatch } from './open-batch.ts';
export type { PartitionState, PartitionStatus } from './partition.ts';
export { createConsumerRuntime, type ConsumerRuntimeOptions, type ConsumerRuntime } from './runtime.ts';
export { storedLag, type StoredLagOptions } from './stored-lag.ts';
export type { ProcessedMessage, ProcessReport } from './process-trace.ts';
export type {
  LockStreams,
  MessageContext,
  MessageHandler,
  SkipGuard,
  SkippedMessage,
} from './message-handler.ts';
export type { OwnedPartition, OwnershipListener } from './ownership.ts';
