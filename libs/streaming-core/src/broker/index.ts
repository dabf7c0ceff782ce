export { startBroker, type Broker } from './start-broker.ts';
export { brokerSettings, type BrokerOptions } from './broker-settings.ts';
export type { BrokerStatistics, DurationCounts } from './broker-statistics.ts';
export { int, oneOf, text, type ConfigKind } from './configs/config-kinds.ts';
export { BrokerError, type BrokerErrorCode } from '../runtime/errors.ts';
export { defaultLimits, partitionsLimitMax, type BrokerLimits } from './limits.ts';
export { DataFolderError } from '../log/data-folder/storage-errors.ts';
export type { FlushPolicy } from '../log/disk/group-commit.ts';
