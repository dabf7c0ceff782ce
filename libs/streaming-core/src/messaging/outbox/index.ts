export {
  appendRows,
  appendToOutbox,
  relayWorker,
  sealingOutbox,
  type AppendToOutbox,
  type OutboxMessage,
} from './append.ts';
export {
  connectorOfOutbox,
  type OutboxConnector,
  type OutboxConnectorOptions,
} from './capture/outbox-connector.ts';
export { makeDays, type DailyTable } from './day-partitions.ts';
export { deliveries, type Delivery } from './relay-lease.ts';
export { outboxFigures, pendingRowsMax, type OutboxFigures } from './figures.ts';
export { maintainPartitions, outboxRetentionMsByDefault, type MaintenanceOptions } from './maintenance.ts';
export { OutboxError, type OutboxErrorCode, messageBytesMax, type OutboxRow } from './outbox-row.ts';
export { createRelay, type Relay, type RelayStatus } from './relay.ts';
export type { RelayOptions } from './relay-loop.ts';
export { isPublishedMark } from './published-marks.ts';
export { relayLimits, type RelayLimits } from './relay-limits.ts';
export {
  connectRelayTransactions,
  type RelayTransactions,
  type RelayTransactionsOptions,
} from './relay-transactions.ts';
export type { SendReport, SentRecord } from './send-trace.ts';
