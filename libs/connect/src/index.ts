export type { Connector, SinkConnector, SourceConnector } from './plugin/connector.ts';
export { ConnectError, RetriableConnectError } from './plugin/connect-error.ts';
export type { ConnectConfig, ConnectSetting, SettingError, SettingType } from './plugin/setting.ts';
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
