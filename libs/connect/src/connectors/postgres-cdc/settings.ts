import { checkExpression } from '../../plugin/expression.ts';
import { listOf, type ConnectConfig, type ConnectSetting } from '../../plugin/setting.ts';

export type DecimalMode = 'precise' | 'string' | 'double';
export type TimeMode = 'adaptive' | 'connect';
export type IntervalMode = 'numeric' | 'string';
type SnapshotMode = 'initial' | 'initial_only' | 'no_data';
export type Operation = 'c' | 'u' | 'd' | 't' | 'm';

/** The configuration of a connector, parsed for the code that uses it. */
export interface CaptureSettings {
  readonly database: DatabaseAddress;
  /** The first part of every topic, and the name of the source in the records and offsets. */
  readonly prefix: string;
  readonly tablesIncluded: readonly string[];
  readonly tablesExcluded: readonly string[];
  readonly columnsExcluded: readonly string[];
  /** `schema.table:column,column` with a pattern of tables, separated by semicolons. */
  readonly messageKeys: string;
  readonly snapshot: SnapshotMode;
  readonly slot: string;
  readonly publication: string;
  /** Whether the connector creates and changes the publication. */
  readonly ownsPublication: boolean;
  /** The time between heartbeats, or 0 for none. */
  readonly heartbeatMs: number;
  readonly heartbeatTopic: string;
  readonly tombstones: boolean;
  readonly skipped: ReadonlySet<Operation>;
  readonly placeholder: string;
  /** Whether an underscore replaces each character that Avro does not allow in the name of a schema. */
  readonly avroNames: boolean;
  readonly decimals: DecimalMode;
  readonly times: TimeMode;
  readonly intervals: IntervalMode;
}

export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly tls: 'disable' | 'require' | 'verify-full';
}

/** Parses a configuration in which every default is filled in. */
export function toCaptureSettings(config: ConnectConfig): CaptureSettings {
  const prefix = config['topic.prefix'] || config['database.server.name'] || '';
  const mode = config['snapshot.mode'];
  return {
    database: {
      host: config['database.hostname'] ?? '',
      port: Number(config['database.port']),
      user: config['database.user'] ?? '',
      password: config['database.password'] ?? '',
      database: config['database.dbname'] ?? '',
      tls: config['database.sslmode'] as DatabaseAddress['tls'],
    },
    prefix,
    tablesIncluded: listOf(config['table.include.list']),
    tablesExcluded: listOf(config['table.exclude.list']),
    columnsExcluded: listOf(config['column.exclude.list']),
    messageKeys: config['message.key.columns'] ?? '',
    snapshot: mode === 'never' ? 'no_data' : (mode as SnapshotMode),
    slot: config['slot.name'] ?? '',
    publication: config['publication.name'] ?? '',
    ownsPublication: config['publication.autocreate.mode'] === 'filtered',
    heartbeatMs: Number(config['heartbeat.interval.ms']),
    heartbeatTopic: `${config['topic.heartbeat.prefix']}.${prefix}`,
    tombstones: config['tombstones.on.delete'] === 'true',
    skipped: new Set(listOf(config['skipped.operations']).filter((each) => each !== 'none') as Operation[]),
    placeholder: config['unavailable.value.placeholder'] ?? '',
    avroNames: config['schema.name.adjustment.mode'] === 'avro',
    decimals: config['decimal.handling.mode'] as DecimalMode,
    times: config['time.precision.mode'] as TimeMode,
    intervals: config['interval.handling.mode'] as IntervalMode,
  };
}

const name = /^[a-z0-9_]{1,63}$/;

const patterns = (value: string): string | undefined => {
  const [problem] = listOf(value).flatMap((entry) => checkExpression(entry) ?? []);
  return problem && `${problem}. Name tables as schema.table, separated by commas`;
};

const setting = (
  setting: string,
  type: ConnectSetting['type'],
  doc: string,
  more: Partial<ConnectSetting> = {},
): ConnectSetting => ({ name: setting, type, doc, importance: 'MEDIUM', ...more });

export const captureSettings: readonly ConnectSetting[] = [
  setting('database.hostname', 'STRING', 'Host of the PostgreSQL server.', { importance: 'HIGH' }),
  setting('database.port', 'INT', 'Port of the PostgreSQL server.', { default: '5432', min: 1, max: 65_535 }),
  setting('database.user', 'STRING', 'A role with REPLICATION that may read the tables.', {
    importance: 'HIGH',
  }),
  setting('database.password', 'PASSWORD', 'Password of the role.', { optional: true }),
  setting('database.dbname', 'STRING', 'The database whose changes are captured.', { importance: 'HIGH' }),
  setting('database.sslmode', 'STRING', 'TLS of the connections to the database.', {
    default: 'disable',
    values: ['disable', 'require', 'verify-full'],
  }),
  setting('topic.prefix', 'STRING', 'First part of the topics: PREFIX.SCHEMA.TABLE.', {
    optional: true,
    importance: 'HIGH',
    check: (value, config) => checkPrefix(value || config['database.server.name'] || ''),
  }),
  setting('database.server.name', 'STRING', 'The name of topic.prefix before Debezium 2.', {
    optional: true,
  }),
  setting('table.include.list', 'LIST', 'Regular expressions of the tables to capture, as schema.table.', {
    importance: 'HIGH',
    check: patterns,
  }),
  setting('table.exclude.list', 'LIST', 'Regular expressions of tables to leave out of those.', {
    optional: true,
    check: patterns,
  }),
  setting(
    'column.exclude.list',
    'LIST',
    'Regular expressions of columns to leave out, as schema.table.column.',
    {
      optional: true,
      check: patterns,
    },
  ),
  setting('message.key.columns', 'STRING', 'Keys other than primary keys: schema.table:column,column;...', {
    optional: true,
    check: checkMessageKeys,
  }),
  setting('plugin.name', 'STRING', 'The output plugin.', { default: 'pgoutput', values: ['pgoutput'] }),
  setting('slot.name', 'STRING', 'The replication slot. One connector uses it.', {
    default: 'debezium',
    check: checkName,
  }),
  setting('publication.name', 'STRING', 'The publication that names the tables.', {
    default: 'dbz_publication',
    check: checkName,
  }),
  setting(
    'publication.autocreate.mode',
    'STRING',
    'Whether the connector keeps the publication equal to the captured tables (filtered). A ' +
      'publication of all tables would publish internal ones.',
    { default: 'filtered', values: ['filtered', 'disabled'] },
  ),
  setting('snapshot.mode', 'STRING', 'Whether rows that exist are read first.', {
    default: 'initial',
    values: ['initial', 'initial_only', 'no_data', 'never'],
  }),
  setting(
    'heartbeat.interval.ms',
    'INT',
    'How often the offset moves on while no captured table changes. 0 turns it off.',
    {
      default: '10000',
      min: 0,
      max: 86_400_000,
    },
  ),
  setting('topic.heartbeat.prefix', 'STRING', 'First part of the topic of heartbeats.', {
    default: '__debezium-heartbeat',
  }),
  setting('tombstones.on.delete', 'BOOLEAN', 'Whether a record without a value follows a delete.', {
    default: 'true',
  }),
  setting('skipped.operations', 'LIST', 'Operations to leave out: c, u, d, t, or none.', {
    default: 't',
    check: (value) =>
      listOf(value).every((each) => ['c', 'u', 'd', 't', 'none'].includes(each))
        ? undefined
        : 'name operations of c, u, d and t, or none',
  }),
  setting(
    'unavailable.value.placeholder',
    'STRING',
    'Stands for a large value that PostgreSQL did not send.',
    {
      default: '__debezium_unavailable_value',
    },
  ),
  setting(
    'schema.name.adjustment.mode',
    'STRING',
    'avro: an underscore replaces each character that Avro does not allow in the name of a schema.',
    { default: 'none', values: ['none', 'avro'] },
  ),
  setting('decimal.handling.mode', 'STRING', 'Form of numeric and money.', {
    default: 'precise',
    values: ['precise', 'string', 'double'],
  }),
  setting('time.precision.mode', 'STRING', 'Form of dates and times.', {
    default: 'adaptive',
    values: ['adaptive', 'connect'],
  }),
  setting('interval.handling.mode', 'STRING', 'Form of intervals.', {
    default: 'numeric',
    values: ['numeric', 'string'],
  }),
  setting('binary.handling.mode', 'STRING', 'Form of bytea.', { default: 'bytes', values: ['bytes'] }),
];

/**
 * Settings of Debezium that have no effect here, because they tune something that works differently or ask
 * for something that always holds.
 */
export const ignoredSettings: readonly string[] = [
  'max.queue.size',
  'max.queue.size.in.bytes',
  'max.batch.size',
  'poll.interval.ms',
  'snapshot.fetch.size',
  'snapshot.max.threads',
  'snapshot.locking.mode',
  'slot.max.retries',
  'slot.retry.delay.ms',
  'status.update.interval.ms',
  'database.tcpKeepAlive',
  'errors.max.retries',
  'schema.refresh.mode',
  'retriable.restart.connector.wait.ms',
];

function checkName(value: string): string | undefined {
  return name.test(value) ? undefined : 'use up to 63 lower-case letters, digits and underscores';
}

function checkPrefix(value: string): string | undefined {
  if (value === '') return 'name a prefix for the topics, for example the name of the system';
  return /^[\w.-]{1,120}$/.test(value) ? undefined : 'use letters, digits, dots, hyphens and underscores';
}

/** Splits `message.key.columns`. An entry of another form than `schema.table:column,column` has no columns. */
export const messageKeysOf = (value: string) =>
  value
    .split(';')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [, tables = entry, columns] = /^([^:]+):([^:]+)$/.exec(entry) ?? [];
      return { tables, columns: listOf(columns) };
    });

function checkMessageKeys(value: string): string | undefined {
  const [problem] = messageKeysOf(value).flatMap(({ tables, columns }) =>
    columns.length === 0
      ? `"${tables}" is not of the form schema.table:column,column`
      : (checkExpression(tables) ?? []),
  );
  return problem;
}
