export {
  BlockedError,
  ConsumerError,
  FencedError,
  TerminalError,
  type ConsumerErrorCode,
} from './consumer-error.ts';
export { claimLogCluster, logClusterOf, refuseForeignCluster } from './log-cluster.ts';
export { consumerLimits, type ConsumerLimits } from './limits.ts';
export {
  giveUpAfterNextAttempt,
  retryNow,
  listParked,
  type ListedParkedKey,
  type ParkedKeyQuery,
} from './parking/parked-list.ts';
export { parkedFigures, type ParkedFigures } from './parking/parked-store.ts';
export type { RetryPolicy } from './parking/retry-policy.ts';
export type { PartitionState, PartitionStatus } from './partition.ts';
export {
  createConsumerRuntime,
  type ConsumerRuntimeOptions,
  type MonitoredConsumerRuntime,
} from './runtime.ts';
export { storedLag, type StoredLagOptions } from './stored-lag.ts';
export type { ProcessedMessage, ProcessReport } from './process-trace.ts';
export type {
  ConsumerRuntime,
  LockStreams,
  MessageContext,
  MessageHandler,
  OwnedPartition,
  OwnershipListener,
  SkipGuard,
  SkippedMessage,
} from './types.ts';
