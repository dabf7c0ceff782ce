import { pluginTable } from '../settings/plugin-table.ts';
import { confluentJdbcSink } from './jdbc-sink/confluent-jdbc-sink.ts';
import { parquetSink } from './parquet-sink/parquet-sink-connector.ts';
import { redisSink } from './redis-sink/redis-sink-connector.ts';

/** The sinks that test workers can run. */
export const sinkPlugins = pluginTable({ connectors: [confluentJdbcSink, parquetSink, redisSink] });
