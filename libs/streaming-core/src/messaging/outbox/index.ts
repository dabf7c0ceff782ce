export { appendRows, appendToOutbox, relayWorker, sealingOutbox } from './append.ts';
export { deliveries, type Delivery } from './delivery.ts';
export { outboxFigures, pendingRowsMax, type OutboxFigures } from './figures.ts';
export { maintainPartitions, outboxRetentionMsByDefault, type MaintenanceOptions } from './maintenance.ts';
export { OutboxError, type OutboxErrorCode } from './outbox-error.ts';
export type { AppendToOutbox, OutboxMessage } from './outbox.ts';
export { createRelay, type Relay, type RelayOptions, type RelayStatus } from './relay.ts';
export { isPublishedMark } from './published-mark.ts';
export { messageBytesMax, type OutboxRow } from './outbox-row.ts';
export { relayLimits, type RelayLimits } from './relay-limits.ts';
export {
  connectRelayTransactions,
  type RelayTransactions,
  type RelayTransactionsOptions,
} from './relay-transactions.ts';
export type { SendReport, SentRecord } from './send-trace.ts';
