import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import {
  isAlive,
  killIfAlive,
  serviceNames,
  spawnStack,
  type ServiceName,
  type StackPlaces,
  type StackReport,
  type StackRun,
} from './spawn-stack.ts';
import { testEngine } from '@millrace/testing/engine';
import { until } from './until.ts';

export interface TestStack extends StackPlaces {
  /** Process id of a part now: `order`, `order-2`, `broker`, `postgres`; undefined while it is down. */
  pid(part: string): number | undefined;
  /** kill -9, by the id that the stack reported. Resolves once the supervisor has brought the part back. */
  kill(part: string): Promise<void>;
  /** kill -9 of parts that stay down until the returned function is called: the supervisor sleeps meanwhile. It resolves once they are back. */
  takeDown(...parts: readonly string[]): () => Promise<void>;
  /** kill -9 of one of PostgreSQL's processes that works for a service: it ends every other, too, and recovers. */
  killBackend(): Promise<void>;
  /** SIGSTOP until the returned function is called. */
  pause(part: string): () => void;
  /** kill -9 of the supervisor alone, whose parts are left to notice, or of every process at once. The stack stays down. */
  crash(who: 'supervisor' | 'everything'): Promise<void>;
  /** After a crash: `npm start` on the same data and ports. */
  startAgain(): Promise<void>;
  /** Stops everything cleanly and deletes the data, unless they are to be kept. */
  stop(options?: { readonly keepData?: boolean }): Promise<void>;
}

export interface TestStackOptions {
  /** How many processes of a service; one where it is not named. */
  readonly replicas?: Readonly<Partial<Record<ServiceName, number>>>;
  /** Receive the services' traces. */
  readonly trace?: boolean;
  /** Services that run as a process for each role. */
  readonly split?: readonly (ServiceName | 'all')[];
  /** On Apache Kafka: a node of the stack's own, or the cluster that `KAFKA_BOOTSTRAP_SERVERS` names. By default where the tests run on it. */
  readonly kafka?: boolean;
}

const readyTimeoutMs = 90_000;
const restartTimeoutMs = 60_000;

/** The whole system as users run it, every part a process of its own, on free ports with data in a temporary folder. Nothing is left of one that fails to start. */
export async function startStack(
  environment: Readonly<Record<string, string>> = {},
  { replicas = {}, split = [], trace = false, kafka = testEngine() === 'kafka' }: TestStackOptions = {},
): Promise<TestStack> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-stack-'));
  await chmod(folder, 0o755); // as root, PostgreSQL runs as another user, who has to pass through
  const run = (ports: Readonly<Record<string, string>>) =>
    spawnStack(argumentsOf({ replicas, split, trace, kafka }), {
      ...ports,
      MILLRACE_DATA: join(folder, 'data'),
      KAFKA_BOOTSTRAP_SERVERS: '',
      MILLRACE_UNANSWERED_MS_MAX: '0', // what a test pauses stays paused
      ...environment,
    });
  let current = run(freePorts);
  const stop = ({ keepData = false } = {}) =>
    current.stop().finally(() => (keepData ? undefined : rm(folder, { recursive: true, force: true })));
  const places = await ready(current).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const pid = (part: string) => {
    const reported = current.report()?.pids[part];
    return reported !== undefined && isAlive(reported) ? reported : undefined; // of one that has just died nothing new is reported
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
      killIfAlive(current.pid);
      if (who === 'everything') parts.forEach(killIfAlive);
      await current.ended;
    },
    async startAgain() {
      current = run(portsOf(places));
      await ready(current);
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

const argumentsOf = ({ replicas, split, trace, kafka }: Required<TestStackOptions>): readonly string[] => {
  const counts = Object.entries(replicas).map(([name, count]) => `${name}=${count}`);
  return [
    '--no-samples',
    ...(trace ? ['--trace'] : []),
    ...(kafka ? ['--kafka'] : []),
    ...(counts.length > 0 ? ['--replicas', counts.join(',')] : []),
    ...(split.length > 0 ? ['--split', split.join(',')] : []),
  ];
};

const portSetting = (part: string): string => `${part.toUpperCase().replaceAll('-', '_')}_PORT`;

/** The settings that give every part a free port. */
export const freePorts: Readonly<Record<string, string>> = Object.fromEntries(
  ['postgres', 'broker', 'broker-http', 'smtp', ...serviceNames].map((part) => [portSetting(part), '0']),
);

/** Where the parts were, so that whoever talks to them need not know of a crash. */
const portsOf = ({
  instances,
  postgresUrl,
  bootstrapServers,
  smtpUrl,
}: StackPlaces): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(
    Object.entries(instances).map(([name, url]) => [portSetting(name), new URL(url).port]),
  ),
  POSTGRES_PORT: new URL(postgresUrl).port,
  BROKER_PORT: bootstrapServers.split(':')[1] ?? '',
  BROKER_HTTP_PORT: '0',
  SMTP_PORT: new URL(smtpUrl).port,
});
