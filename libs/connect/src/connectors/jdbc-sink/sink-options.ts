import type { ConnectConfig, ConnectSetting } from '../../plugin/setting.ts';
import { parseJdbcUrl, type DatabaseAddress } from './jdbc-url.ts';

/** The options of the JDBC sinks. Confluent's and Debezium's settings are both translated into them. */
export interface JdbcSinkOptions {
  readonly database: DatabaseAddress;
  readonly requestTimeoutMs: number;
  readonly insertMode: 'insert' | 'upsert' | 'update';
  readonly keyMode: 'none' | 'kafka' | 'record_key' | 'record_value';
  /** The columns of the primary key. If it is empty, all fields of the key belong to it. */
  readonly keyFields: readonly string[];
  readonly deletes: boolean;
  readonly createsTables: boolean;
  readonly addsColumns: boolean;
  /** The fields to write. If it is empty, the sink writes all of them. */
  readonly fields: readonly string[];
  readonly exactlyOnce: boolean;
  /** Returns the schema and the name of a topic's table. Throws an error with the remedy. */
  readonly tableOf: (topic: string) => TableName;
  /** Whether values may be Debezium's envelopes, of which the sink writes only the new row. */
  readonly readsEnvelopes: boolean;
}

export interface TableName {
  readonly schema?: string;
  readonly name: string;
}

/** The settings that have the same name in both sinks. */
export const sharedSettings: readonly ConnectSetting[] = [
  {
    name: 'connection.url',
    type: 'STRING',
    importance: 'HIGH',
    doc: 'The database, as jdbc:postgresql://HOST:PORT/DATABASE.',
    check: (value) => problemOf(() => parseJdbcUrl(value)),
  },
  {
    name: 'connection.password',
    type: 'PASSWORD',
    optional: true,
    importance: 'HIGH',
    doc: 'The password of the user.',
  },
  {
    name: 'exactly.once',
    type: 'BOOLEAN',
    default: 'false',
    importance: 'MEDIUM',
    doc:
      'Keeps offsets in the table connect_offset, in the same transaction as the rows. Records that ' +
      'are read again then change nothing, in every insert mode.',
  },
  {
    name: 'request.timeout.ms',
    type: 'INT',
    default: '60000',
    min: 100,
    max: 3_600_000,
    importance: 'LOW',
    doc: 'How long the database may take for a statement before the sink connects again.',
  },
];

export const keyModes = ['none', 'kafka', 'record_key', 'record_value'] as const;
export const insertModes = ['insert', 'upsert', 'update'] as const;

export const listOf = (text: string | undefined): readonly string[] =>
  (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

/** Checks the mode of the key against the other settings, which each sink names differently. */
export const keyModeCheck =
  (fieldsSetting: string) =>
  (keyMode: string, config: ConnectConfig): string | undefined => {
    const fields = listOf(config[fieldsSetting]);
    const mode = config['insert.mode'] ?? 'insert';
    if (keyMode === 'none' && mode !== 'insert')
      return `insert.mode=${mode} needs a primary key: set this to record_key, record_value or kafka`;
    if (keyMode === 'record_value' && fields.length === 0)
      return `record_value needs the fields of the primary key in ${fieldsSetting}`;
    if (keyMode === 'kafka' && fields.length !== 0 && fields.length !== 3)
      return `kafka needs three names in ${fieldsSetting}, for topic, partition and offset, or none`;
    if (keyMode !== 'record_key' && config['delete.enabled'] === 'true')
      return 'delete.enabled=true deletes by the key of the record: set this to record_key';
    return undefined;
  };

/** Reads the options whose settings have the same name in both sinks. */
export const sharedOptions = (config: ConnectConfig, user: string | undefined) => {
  const address = parseJdbcUrl(config['connection.url'] ?? '');
  return {
    database: {
      ...address,
      user: user ?? address.user,
      password: config['connection.password'] ?? address.password,
    },
    requestTimeoutMs: Number(config['request.timeout.ms']),
    insertMode: config['insert.mode'] as JdbcSinkOptions['insertMode'],
    deletes: config['delete.enabled'] === 'true',
    exactlyOnce: config['exactly.once'] === 'true',
  };
};

function problemOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
