import { join } from 'node:path';
import type { ConfigOf, ServiceConfig, Settings } from '@millrace/service-chassis/config';
import {
  createLogger,
  readConfig,
  serviceMigrations,
  startService,
  type RunningService,
  type ServiceDefinition,
} from '@millrace/service-chassis/service';
import type { Topic } from '@millrace/streaming-core/contract';
import { migrate, type MigrationFolder } from '@millrace/streaming-core/postgres';
import { answerCheck, type AnswerCheck, type SeenAnswer } from '../openapi/answer-check.ts';
import type { OpenApi } from '../openapi/document-problems.ts';
import { createTestDatabase, createTestKeys, type TestDatabase } from '../postgres/index.ts';
import { until } from '../within.ts';
import { messageOpener } from './open-messages.ts';
import { runServiceProcess, type ServiceProcess } from './service-process.ts';
import { openTestLog, type TestLog } from './test-log.ts';

export interface TestServiceOptions<Declared extends Settings> {
  readonly name: string;
  readonly settings: Declared;
  readonly module: ServiceDefinition<ConfigOf<Declared> & ServiceConfig>['module'];
  /** The field of its log lines that names their subject. */
  readonly logSubject: string;
  /** The service's `src` folder, with its `migrations` and its `main.ts`. */
  readonly folder: string;
  /** Migrations to run between those of the platform and the service's own, such as the saga's. */
  readonly libraries?: readonly MigrationFolder[];
  /** Every topic that the service reads or writes. */
  readonly topics: readonly Pick<Topic, 'declaration'>[];
  /** Additional settings. */
  readonly env?: Readonly<Record<string, string>>;
}

// Each test checks with its own expectations what it reads from an answer.
export type Json = Record<string, unknown> & { readonly items?: readonly Record<string, unknown>[] };

export interface TestAnswer {
  readonly status: number;
  readonly body: Json;
  readonly headers: Headers;
}

/** One service over HTTP and the log, on a database and a broker of its own. */
export interface TestService extends Pick<TestLog, 'bootstrapServers' | 'send' | 'handled'> {
  readonly database: TestDatabase;
  /** The database of the keys, if the service has the setting `KEYS_DATABASE_URL`. */
  readonly keys: TestDatabase | undefined;
  /** Every line that the service has logged, at level debug. */
  readonly logs: readonly string[];
  /**
   * Waits until the service has logged a line with these fields whose `logSubject` has this value.
   * A service logs after the commit, so a test may see the effect before the line.
   */
  logged(subject: string, fields: Readonly<Record<string, unknown>>): Promise<void>;
  /**
   * Returns every message on a topic for one key, in order, with its personal fields opened. First it waits until the relay has
   * published whatever the outbox has now, so all effects of committed transactions are included.
   */
  published: TestLog['published'];
  /** Returns the calls that `/docs/json` describes, sorted: `get /things/{thingId}`. */
  documentedCalls(): Promise<readonly string[]>;
  /** The environment variables that another process of the same service needs. */
  readonly env: Readonly<Record<string, string>>;
  readonly service: () => RunningService;
  /**
   * Calls the service. A body that is a string is sent as it is, any other as JSON. Rejects if the
   * answer does not match the service's OpenAPI document.
   */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<TestAnswer>;
  /** Stops the service and starts it again, with the additional settings in `env`. */
  restart(env?: Readonly<Record<string, string>>): Promise<void>;
  /**
   * Starts the same service as a process of its own, on the same database and broker. The fixture
   * kills it when it closes.
   */
  spawn(env?: Readonly<Record<string, string>>): ServiceProcess;
  loseBroker(): Promise<() => Promise<void>>;
  /**
   * Runs a statement that takes a lock, in a transaction that stays open until the returned
   * function ends it.
   */
  hold(statement: string, parameters?: readonly unknown[]): Promise<() => Promise<void>>;
  /** Returns how many of the service's statements that contain this text wait for a lock now. */
  waitingForLocks(text?: string): Promise<number>;
  close(): Promise<void>;
}

/**
 * Opens a service in the test's process, on a new database of the Jest project's PostgreSQL and a
 * broker of its own, for `*.int.spec.ts`. Ports are free ones, so suites run side by side. Rejects
 * if the service cannot start. The test must call `close`, which drops the database.
 *
 * @example
 * ```ts
 * import { openTestService } from '@millrace/testing/service';
 *
 * const service = await openTestService({
 *   name: 'rooms',
 *   settings,
 *   module: () => RoomsModule,
 *   logSubject: 'roomId',
 *   folder: import.meta.dirname,
 *   topics: [roomEvents],
 * });
 * const { status } = await service.call('PUT', '/rooms/room-1', { floor: 2 });
 * await service.close();
 * ```
 */
export async function openTestService<Declared extends Settings>(
  options: TestServiceOptions<Declared>,
): Promise<TestService> {
  const { name, settings, module, logSubject, folder, libraries = [], topics } = options;
  const database = await createTestDatabase();
  await migrate(
    database.sql,
    serviceMigrations({ service: name, folder: join(folder, 'migrations'), libraries }),
  );
  const keys = hasPersonalData(settings) ? await createTestKeys() : undefined;
  const log = await openTestLog(topics);
  const open = keys && messageOpener(keys, topics);
  const prefix = name.toUpperCase().replaceAll('-', '_');
  const env = {
    [`${prefix}_PORT`]: '0',
    [`${prefix}_DATABASE_URL`]: database.url,
    ...(keys && { KEYS_DATABASE_URL: keys.url }),
    KAFKA_BOOTSTRAP_SERVERS: log.bootstrapServers,
    ...options.env,
  };
  const logs: string[] = [];
  const logger = createLogger({ service: name, level: 'debug', write: (line) => logs.push(line) });
  const start = async (own: Readonly<Record<string, string>> = {}) => {
    const config = readConfig(settings, { ...env, ...own }) as ConfigOf<Declared> & ServiceConfig;
    const started = await startService({ name, config, logger, module, logSubject });
    await started.started;
    return started;
  };
  let service = await start();
  let check: Promise<AnswerCheck> | undefined;
  const children: ServiceProcess[] = [];
  return {
    database,
    keys,
    logs,
    env,
    bootstrapServers: log.bootstrapServers,
    send: log.send,
    async published(topic, key) {
      await outboxPublished(database);
      const messages = await log.published(topic, key);
      return open === undefined ? messages : open(topic, messages);
    },
    handled: log.handled,
    loseBroker: log.lose,
    async logged(subject, fields) {
      const wanted = Object.entries(fields);
      await until(
        () =>
          logs
            .map((line) => JSON.parse(line) as Record<string, unknown>)
            .filter((line) => line[logSubject] === subject),
        (lines) => lines.some((line) => wanted.every(([field, value]) => line[field] === value)),
      );
    },
    documentedCalls: async () =>
      documentedCalls((await call('GET', `${service.url}/docs/json`, undefined)).body),
    service: () => service,
    async call(method, path, body, headers) {
      const answer = await call(method, service.url + path, body, headers);
      check ??= call('GET', `${service.url}/docs/json`).then((document) =>
        answerCheck(document.body as OpenApi),
      );
      (await check)(answer.seen);
      return answer;
    },
    async restart(own) {
      await service.stop();
      service = await start(own);
    },
    spawn(own = {}) {
      const child = runServiceProcess(folder, { ...env, ...own });
      children.push(child);
      return child;
    },
    hold: (statement, parameters = []) => hold(database, statement, parameters),
    waitingForLocks: (text = '') => waitingForLocks(database, `millrace-${name}`, text),
    async close() {
      children.forEach((child) => child.kill('SIGKILL'));
      await Promise.all(children.map(({ ended }) => ended));
      await service.stop();
      await log.close();
      await database.drop();
      await keys?.drop();
    },
  };
}

const hasPersonalData = (settings: Settings): boolean =>
  Object.values(settings).some((each) => 'variable' in each && each.variable === 'KEYS_DATABASE_URL');

const documentedCalls = ({ paths }: Json): readonly string[] =>
  Object.entries(paths as Readonly<Record<string, object>>)
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`))
    .sort();

async function hold(
  { pool }: TestDatabase,
  statement: string,
  parameters: readonly unknown[],
): Promise<() => Promise<void>> {
  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query(statement, [...parameters]);
  return async () => {
    await client.query('ROLLBACK');
    client.release();
  };
}

/** Waits until the relay has published everything that is in the outbox when it is called. */
async function outboxPublished({ sql }: TestDatabase): Promise<void> {
  const { rows } = await sql.query<{ last: string }>('SELECT coalesce(max(position), 0) AS last FROM outbox');
  const last = BigInt(rows[0]?.last ?? 0);
  if (last === 0n) return; // in a process without the role `relay` there may be no cursor
  await until(
    async () =>
      (await sql.query<{ position: string }>('SELECT position FROM relay_cursor')).rows[0]?.position,
    (position) => position !== undefined && BigInt(position) >= last,
  );
}

async function waitingForLocks(
  { sql }: TestDatabase,
  applicationName: string,
  text: string,
): Promise<number> {
  const { rows } = await sql.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = $1 AND wait_event_type = 'Lock'
       AND position($2 IN query) > 0`,
    [applicationName, text],
  );
  return rows[0]?.count ?? 0;
}

async function call(
  method: string,
  url: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<TestAnswer & { readonly seen: SeenAnswer }> {
  const answer = await fetch(url, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const seen = {
    method,
    url,
    status: answer.status,
    contentType: answer.headers.get('content-type'),
    body: text,
  };
  return { status: answer.status, body: JSON.parse(text) as Json, headers: answer.headers, seen };
}
