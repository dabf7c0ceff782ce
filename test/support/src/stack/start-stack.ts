import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Client } from 'pg';
import {
  isAlive,
  killIfAlive,
  spawnStack,
  type ServiceName,
  type StackPlaces,
  type StackReport,
  type StackRun,
} from './spawn-stack.ts';
import { testEngine } from '@millrace/testing/engine';
import { until } from './until.ts';

export interface TestStack extends StackPlaces {
  /**
   * The current process id of a part, such as `order`, `order-2`, `broker` or `postgres`, or of
   * `stack`, the supervisor, which also takes the mails; undefined while it is down.
   */
  pid(part: string): number | undefined;
  /** Kills a part with SIGKILL. Resolves once the supervisor has restarted it. */
  kill(part: string): Promise<void>;
  /**
   * Kills parts with SIGKILL and pauses the supervisor, so that they stay down. The returned
   * function resumes it and resolves once the parts are back.
   */
  takeDown(...parts: readonly string[]): () => Promise<void>;
  /**
   * Kills one PostgreSQL process that serves a service, with SIGKILL. PostgreSQL then ends all
   * others. Resolves once it has recovered.
   */
  killBackend(): Promise<void>;
  /** Pauses a part with SIGSTOP until the returned function is called. */
  pause(part: string): () => void;
  /**
   * Kills with SIGKILL either the supervisor alone, whose parts then end by themselves, or every
   * process at once. The stack stays down.
   */
  crash(who: 'supervisor' | 'everything'): Promise<void>;
  /** Runs `npm start` again after a crash, on the same data and ports. */
  startAgain(): Promise<void>;
  /** Stops everything cleanly and deletes the data, unless `keepData` is set. */
  stop(options?: { readonly keepData?: boolean }): Promise<void>;
}

export interface TestStackOptions {
  /** The number of processes of each service, by default one. */
  readonly replicas?: Readonly<Partial<Record<ServiceName, number>>>;
  /** Whether the services send their traces to the console, which then runs too. */
  readonly trace?: boolean;
  /** Whether to run the console; by default it is left out. */
  readonly console?: boolean;
  /** Optional apps that run too. */
  readonly apps?: readonly string[];
  /** Services that run with one process per role. */
  readonly split?: readonly (ServiceName | 'all')[];
  /**
   * Uses Apache Kafka: a node of the stack's own, or the cluster in `KAFKA_BOOTSTRAP_SERVERS`. By
   * default it follows the tests' engine.
   */
  readonly kafka?: boolean;
}

const readyTimeoutMs = 90_000;
const restartTimeoutMs = 60_000;
const answerTimeoutMs = 2_000;
const portsWaitMs = 150_000;

/**
 * Starts the whole system as users run it, on free ports and with its data in a temporary folder. A
 * stack that fails to start leaves nothing behind.
 */
export async function startStack(
  environment: Readonly<Record<string, string>> = {},
  {
    replicas = {},
    split = [],
    apps = [],
    trace = false,
    console = false,
    kafka = testEngine() === 'kafka',
  }: TestStackOptions = {},
): Promise<TestStack> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-stack-'));
  // When root runs this, PostgreSQL runs as another user, which needs access.
  await chmod(folder, 0o755);
  const run = (ports: Readonly<Record<string, string>> = {}) =>
    spawnStack(argumentsOf({ replicas, split, apps, trace, console, kafka }), {
      ...freePorts,
      ...ports,
      MILLRACE_DATA: join(folder, 'data'),
      KAFKA_BOOTSTRAP_SERVERS: '',
      MILLRACE_UNANSWERED_MS_MAX: '0', // the supervisor leaves paused parts alone
      ...environment,
    });
  let current = run();
  let crashed = false;
  const stop = ({ keepData = false } = {}) =>
    current.stop().finally(() => (keepData ? undefined : rm(folder, { recursive: true, force: true })));
  const places = await ready(current).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const pid = (part: string) => {
    const reported = part === 'stack' ? current.pid : crashed ? undefined : current.report()?.pids[part];
    // The last report may be from a process that has just died.
    return reported !== undefined && isAlive(reported) ? reported : undefined;
  };
  const alive = (part: string) => {
    const found = pid(part);
    if (found === undefined) throw new Error(`${part} is not running: ${current.output()}`);
    return found;
  };
  return {
    ...places,
    pid,
    stop,
    async kill(part) {
      const victim = alive(part);
      process.kill(victim, 'SIGKILL');
      await until(`${part} to come back`, restartTimeoutMs, () => ![undefined, victim].includes(pid(part)));
    },
    takeDown(...parts) {
      const victims = parts.map(alive);
      process.kill(current.pid, 'SIGSTOP');
      victims.forEach(killIfAlive);
      return async () => {
        process.kill(current.pid, 'SIGCONT');
        const isBack = (part: string, index: number) => ![undefined, victims[index]].includes(pid(part));
        await until(`${parts.join(' and ')} to come back`, restartTimeoutMs, () => parts.every(isBack));
      };
    },
    killBackend: () => killBackend(places.postgresUrl),
    pause(part) {
      const paused = alive(part);
      process.kill(paused, 'SIGSTOP');
      return () => void process.kill(paused, 'SIGCONT');
    },
    async crash(who) {
      const parts = Object.values(current.report()?.pids ?? {});
      crashed = true;
      killIfAlive(current.pid);
      if (who === 'everything') parts.forEach(killIfAlive);
      await current.ended;
    },
    async startAgain() {
      current = await startedOnPorts(() => run(portsOf(places)));
      crashed = false;
    },
  };
}

async function killBackend(postgresUrl: string): Promise<void> {
  const client = new Client({ connectionString: `${postgresUrl}/postgres` });
  client.on('error', () => undefined); // PostgreSQL ends this connection as well
  await client.connect();
  const { rows } = await client.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'millrace-%' ORDER BY state = 'active' DESC, random() LIMIT 1`,
  );
  if (rows[0] === undefined) throw new Error('no service is connected to PostgreSQL');
  let gone = false;
  client.once('end', () => (gone = true));
  process.kill(rows[0].pid, 'SIGKILL');
  await until('PostgreSQL to end its connections', restartTimeoutMs, () => gone);
  await untilDatabaseAnswers(postgresUrl);
}

/** Resolves once PostgreSQL accepts connections, which it does not while it recovers from a kill. */
export const untilDatabaseAnswers = (postgresUrl: string): Promise<void> =>
  until('PostgreSQL to accept connections', restartTimeoutMs, async () => {
    const client = new Client({
      connectionString: `${postgresUrl}/postgres`,
      connectionTimeoutMillis: answerTimeoutMs,
    });
    client.on('error', () => undefined); // the next attempt reports it
    try {
      await client.connect();
      return true;
    } catch {
      return false;
    } finally {
      await client.end();
    }
  });

/**
 * Starts a stack on the ports that it had. While it was down, a stack of another suite may have
 * taken one of them, which this one then waits for.
 */
async function startedOnPorts(start: () => StackRun): Promise<StackRun> {
  for (const deadline = performance.now() + portsWaitMs; ; await setTimeout(1_000)) {
    const run = start();
    try {
      await ready(run);
      return run;
    } catch (error) {
      if (!/port \d+ \(.*\) is taken/.test(run.output()) || performance.now() > deadline) throw error;
    }
  }
}

async function ready(run: StackRun): Promise<StackPlaces> {
  let report: StackReport | undefined;
  try {
    await until('the stack to be ready', readyTimeoutMs, () => (report = run.report()) !== undefined);
  } catch (cause) {
    throw new Error(`the stack does not start: ${run.output()}`, { cause });
  }
  const { pids: _ofNow, ...places } = report!;
  return places;
}

const argumentsOf = ({
  replicas,
  split,
  apps,
  trace,
  console,
  kafka,
}: Required<TestStackOptions>): readonly string[] => {
  const counts = Object.entries(replicas).map(([name, count]) => `${name}=${count}`);
  return [
    '--no-samples',
    ...(trace ? ['--trace'] : []),
    ...(console || trace ? [] : ['--no-console']),
    ...(kafka ? ['--kafka'] : []),
    ...(counts.length > 0 ? ['--replicas', counts.join(',')] : []),
    ...(split.length > 0 ? ['--split', split.join(',')] : []),
    ...(apps.length > 0 ? ['--with', apps.join(',')] : []),
  ];
};

const portSetting = (part: string): string => `${part.toUpperCase().replaceAll('-', '_')}_PORT`;

const appsFolder = join(import.meta.dirname, '../../../../apps');

const allApps = readdirSync(appsFolder);

/** The apps with a database of their own: the services and some optional apps. */
export const appsWithDatabase: readonly string[] = allApps.filter((app) =>
  existsSync(join(appsFolder, app, 'src/migrations')),
);

/** Settings that give every part a free port. A program that listens on none ignores its setting. */
export const freePorts: Readonly<Record<string, string>> = Object.fromEntries(
  ['postgres', 'keys', 'broker-http', 'smtp', ...allApps].map((part) => [portSetting(part), '0']),
);

/** The settings that keep the previous ports, so that clients do not notice a crash. */
const portsOf = ({
  instances,
  postgresUrl,
  keysUrl,
  bootstrapServers,
  smtpUrl,
}: StackPlaces): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(
    Object.entries(instances).map(([name, url]) => [portSetting(name), new URL(url).port]),
  ),
  POSTGRES_PORT: new URL(postgresUrl).port,
  KEYS_PORT: new URL(keysUrl).port,
  BROKER_PORT: bootstrapServers.split(':')[1] ?? '',
  SMTP_PORT: new URL(smtpUrl).port,
});
