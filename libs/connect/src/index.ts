export { fileStreamSink } from './connectors/file/file-stream-sink.ts';
export { fileStreamSource } from './connectors/file/file-stream-source.ts';
export { confluentJdbcSink } from './connectors/jdbc-sink/confluent-jdbc-sink.ts';
export { debeziumJdbcSink } from './connectors/jdbc-sink/debezium-jdbc-sink.ts';
export { openSearchSink } from './connectors/opensearch-sink/opensearch-sink-connector.ts';
export { parquetSink } from './connectors/parquet-sink/parquet-sink-connector.ts';
export { redisSink } from './connectors/redis-sink/redis-sink-connector.ts';
export type { Connector, SinkConnector, SourceConnector } from './plugin/connector.ts';
export { ConnectError, RetriableConnectError } from './plugin/connect-error.ts';
export type { ConnectConfig, ConnectSetting, SettingError, SettingType } from './plugin/setting.ts';
export type { Transform, TransformKind } from './plugin/transform.ts';
export type {
  SinkContext,
  SinkOffset,
  SinkTask,
  SourceContext,
  SourceTask,
  TaskContext,
} from './plugin/task.ts';
export type {
  ArraySchema,
  ConnectSchema,
  MapSchema,
  PrimitiveSchema,
  PrimitiveType,
  StructField,
  StructSchema,
} from './record/connect-schema.ts';
export type {
  ConnectHeader,
  ConnectRecord,
  Data,
  RecordOrigin,
  SinkRecord,
  SourcePlace,
  SourceRecord,
} from './record/records.ts';
export { DataError } from './record/data-error.ts';
export { avroConverter } from './converters/avro/avro-converter.ts';
export type { Converter, ConverterKind, MaybePromise } from './converters/converter.ts';
export { pluginTable, type AddedPlugins, type PluginTable } from './settings/plugin-table.ts';
export type { Predicate, PredicateKind } from './transforms/routing.ts';
export { keptLogs } from './worker/kept-logs.ts';
export { startWorker, type ConnectWorker } from './worker/worker.ts';
export type { StateTopics, WorkerOptions } from './worker/worker-options.ts';
export type { TaskReport } from './worker/owned-tasks.ts';
export type { RunState } from './logs/status-log.ts';
export { sinkGroup } from './worker/sink-run.ts';
export { adjustableLogger, type LogLevels } from './rest/log-levels.ts';
export { restInterface, type RestInterface } from './rest/rest-interface.ts';
export { forwardedHeader, type RestAnswer, type RestRequest } from './rest/rest-types.ts';
export { postgresConnector } from './connectors/postgres-cdc/postgres-connector.ts';
