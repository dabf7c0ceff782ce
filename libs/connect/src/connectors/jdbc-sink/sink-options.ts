import { listOf, type ConnectConfig, type ConnectSetting } from '../../plugin/setting.ts';
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

/** The names of the settings that the two sinks name differently. */
interface SettingNames {
  readonly user: string;
  readonly keyMode: string;
  readonly keyFields: string;
  readonly fields: string;
}

/** The settings that both sinks have. */
export const sharedSettings = (names: SettingNames): readonly ConnectSetting[] => [
  {
    name: 'connection.url',
    type: 'STRING',
    importance: 'HIGH',
    doc: 'The database, as jdbc:postgresql://HOST:PORT/DATABASE.',
    check: (value) => problemOf(() => parseJdbcUrl(value)),
  },
  {
    name: names.user,
    type: 'STRING',
    optional: true,
    importance: 'HIGH',
    doc: 'The user of the database.',
  },
  {
    name: 'connection.password',
    type: 'PASSWORD',
    optional: true,
    importance: 'HIGH',
    doc: 'The password of the user.',
  },
  {
    name: 'insert.mode',
    type: 'STRING',
    default: 'insert',
    values: ['insert', 'upsert', 'update'],
    importance: 'HIGH',
    doc: 'insert adds rows, upsert replaces the row of the same key, update changes only rows that exist.',
  },
  {
    name: names.keyMode,
    type: 'STRING',
    default: 'none',
    values: ['none', 'kafka', 'record_key', 'record_value'],
    importance: 'HIGH',
    doc:
      'The source of the primary key: the key or the value of the record, or its topic, partition and ' +
      'offset (kafka).',
    check: (value, config) => keyModeProblem(value, config, names.keyFields),
  },
  {
    name: names.keyFields,
    type: 'LIST',
    default: '',
    importance: 'MEDIUM',
    doc:
      'The columns of the primary key. Without it, a key that is a plain value gets the column ' +
      '`key`, and every field of another key is a column.',
  },
  {
    name: names.fields,
    type: 'LIST',
    default: '',
    importance: 'MEDIUM',
    doc: 'The fields of the value to write. Without it, the sink writes all of them.',
  },
  {
    name: 'delete.enabled',
    type: 'BOOLEAN',
    default: 'false',
    importance: 'MEDIUM',
    doc: 'Deletes the row of a record that is a delete, such as one whose value is null.',
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

function keyModeProblem(keyMode: string, config: ConnectConfig, fieldsSetting: string): string | undefined {
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
}

/** Reads the options whose settings both sinks have. */
export const sharedOptions = (config: ConnectConfig, names: SettingNames) => {
  const address = parseJdbcUrl(config['connection.url'] ?? '');
  return {
    database: {
      ...address,
      user: config[names.user] ?? address.user,
      password: config['connection.password'] ?? address.password,
    },
    requestTimeoutMs: Number(config['request.timeout.ms']),
    insertMode: config['insert.mode'] as JdbcSinkOptions['insertMode'],
    keyMode: config[names.keyMode] as JdbcSinkOptions['keyMode'],
    keyFields: listOf(config[names.keyFields]),
    fields: listOf(config[names.fields]),
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
