import {
  avroConverter,
  confluentJdbcSink,
  debeziumJdbcSink,
  fileStreamSink,
  fileStreamSource,
  openSearchSink,
  parquetSink,
  pluginTable,
  redisSink,
  postgresConnector,
} from '@millrace/connect';

const onKafka = (database: string) =>
  `Debezium's connector for ${database} does not run here. Run it in Kafka's own Connect with ` +
  "Debezium's plugin, which works with this log, and post this configuration there: docs/operations/connect.md";

const debezium = 'io.debezium.connector';

/** The connectors that this app runs, and remedies for connectors that need Kafka's own Connect. */
export const plugins = pluginTable({
  connectors: [
    postgresConnector(),
    confluentJdbcSink,
    debeziumJdbcSink,
    redisSink,
    openSearchSink,
    parquetSink,
    fileStreamSource,
    fileStreamSink,
  ],
  converters: [avroConverter],
  elsewhere: new Map([
    [`${debezium}.mysql.MySqlConnector`, onKafka('MySQL')],
    [`${debezium}.mariadb.MariaDbConnector`, onKafka('MariaDB')],
    [`${debezium}.mongodb.MongoDbConnector`, onKafka('MongoDB')],
    [`${debezium}.sqlserver.SqlServerConnector`, onKafka('SQL Server')],
    [`${debezium}.oracle.OracleConnector`, onKafka('Oracle')],
    [`${debezium}.db2.Db2Connector`, onKafka('Db2')],
  ]),
});
