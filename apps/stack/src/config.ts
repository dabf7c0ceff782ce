import { resolve } from 'node:path';
import { topics } from '@millrace/contracts';
import {
  apacheKafka,
  listeners,
  settingPrefix,
  withPorts,
  withScale,
  type LogDefinition,
  type Scale,
  type StackDefinition,
} from './define-stack.ts';
import { readClusterSettings, type ClusterSettings } from './setup/cluster-settings.ts';
import type { CheckPrograms } from './setup/check-programs.ts';
import { budgetConnections } from './setup/connections.ts';

export interface StackSettings<Services extends string = string> {
  /** With the processes that are wanted and the ports that the environment asks for; 0: a free one. */
  readonly definition: StackDefinition<Services>;
  /** Absolute. */
  readonly dataFolder: string;
  /** What the services and the broker accept, passed on to them. */
  readonly logLevel: string;
  /** So many PostgreSQL is started with. */
  readonly connections: number;
  /** So long without an answer, and a part is killed and starts again; 0: never. */
  readonly unansweredMsMax: number;
  readonly cluster: ClusterSettings;
  /** What is allowed and worth knowing. */
  readonly notices: readonly string[];
}

export interface SettingSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absolute. */
  readonly workspace: string;
  readonly replicas: ReadonlyMap<string, number>;
  /** Services by name, or `all`. */
  readonly split: ReadonlySet<string>;
  /** On Apache Kafka. */
  readonly kafka: boolean;
  readonly checkPrograms: CheckPrograms;
}

const logLevels = ['debug', 'info', 'warn', 'error', 'silent'];

/**
 * What the environment says: `MILLRACE_DATA` (absolute, or relative to the workspace), `LOG_LEVEL`, `MILLRACE_UNANSWERED_MS_MAX`, a port for each
 * part, how many connections a service's process takes, and the Kafka cluster, if there is one already. An empty variable counts as absent. Throws
 * one line that lists every wrong setting, those of the services and the broker included.
 */
export function readSettings<Services extends string>(
  sketch: StackDefinition<Services>,
  { environment, workspace, replicas, split, kafka, checkPrograms }: SettingSources,
): StackSettings<Services> {
  const scale = scaleOf(sketch, { replicas, split });
  const problems: string[] = [];
  const cluster = readClusterSettings(environment, problems);
  const definition = { ...sketch, log: kafka ? kafkaLog(cluster) : sketch.log };
  const given = (name: string) => environment[name]?.trim() || undefined;
  const ports = new Map<string, number>();
  for (const { label, portSetting } of listeners(withScale(definition, scale))) {
    const text = given(portSetting);
    if (text === undefined) continue;
    const port = portOf(text);
    if (port === undefined)
      problems.push(`${portSetting}=${text} must be a whole number from 0 (any free port) to 65535`);
    else ports.set(label, port);
  }
  const logLevel = logLevelOf(given('LOG_LEVEL'), problems);
  const unansweredMsMax = unansweredOf(given('MILLRACE_UNANSWERED_MS_MAX'), problems);
  const wanted = withPorts(withScale(withPorts(definition, ports), scale), ports);
  const dataFolder = resolve(workspace, given('MILLRACE_DATA') ?? (kafka ? '.millrace-kafka' : '.millrace'));
  problems.push(...portProblems(wanted), ...checkPrograms(wanted, { environment, dataFolder, logLevel }));
  if (problems.length > 0)
    throw new Error(
      `wrong setting${problems.length > 1 ? 's' : ''}: ${problems.join('; ')}. Correct or unset ${problems.length > 1 ? 'them' : 'it'}`,
    );
  const connections = budgetConnections(wanted, (app) =>
    poolSizeOf(given(`${settingPrefix(app)}_DATABASE_POOL_SIZE`)),
  );
  return {
    definition: wanted,
    dataFolder,
    logLevel,
    connections,
    unansweredMsMax,
    cluster,
    notices: standbyNotices(wanted),
  };
}

const kafkaPort = 9092;

const kafkaLog = ({ bootstrapServers }: ClusterSettings): LogDefinition =>
  bootstrapServers === undefined
    ? apacheKafka({ port: kafkaPort })
    : { engine: 'existing', bootstrapServers };

const portMax = 65_535;

function portOf(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  return port <= portMax ? port : undefined;
}

function logLevelOf(text = 'info', problems: string[]): string {
  if (logLevels.includes(text)) return text;
  problems.push(`LOG_LEVEL=${text} must be one of ${logLevels.join(', ')}`);
  return 'info';
}

const unansweredMsByDefault = 20_000;
const unansweredMsMin = 1_000;
const unansweredMsMost = 3_600_000;

function unansweredOf(text: string | undefined, problems: string[]): number {
  if (text === undefined) return unansweredMsByDefault;
  const wanted = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
  if (wanted === 0 || (wanted >= unansweredMsMin && wanted <= unansweredMsMost)) return wanted;
  problems.push(
    `MILLRACE_UNANSWERED_MS_MAX=${text} must be 0 (never) or a whole number from ${unansweredMsMin} to ${unansweredMsMost}`,
  );
  return unansweredMsByDefault;
}

/** What is no number is the service's to refuse, with an example. */
const poolSizeOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : undefined;

function scaleOf({ services }: StackDefinition, { replicas, split }: Scale): Scale {
  const names = Object.keys(services);
  const refuseUnknown = (name: string, option: string) => {
    if (!names.includes(name))
      throw new Error(`${option}: there is no service ${name}, there are ${names.join(', ')}`);
  };
  for (const [name, count] of replicas) {
    refuseUnknown(name, `--replicas ${name}=${count}`);
    if (count < 1) throw new Error(`--replicas ${name}=${count}: a service has at least one process`);
  }
  if (split.has('all')) return { replicas, split: new Set(names) };
  for (const name of split) refuseUnknown(name, `--split ${name}`);
  return { replicas, split };
}

const partitions = Math.max(...topics.map((topic) => topic.partitions));

/** More members of a group than partitions are allowed, since they take over at once; whoever expects speed has to know. */
const standbyNotices = ({ services }: StackDefinition): readonly string[] =>
  Object.entries(services).flatMap(([name, { processes }]) => {
    const members = processes.filter(({ role }) => role === undefined || role === 'worker').length;
    const idle = members - partitions;
    return idle > 0
      ? [
          `${name}: ${members} processes share ${partitions} partitions: ${idle} stand${idle === 1 ? 's' : ''} by, to take over from the others`,
        ]
      : [];
  });

function portProblems(definition: StackDefinition): readonly string[] {
  const owners = new Map<number, string>();
  return listeners(definition).flatMap(({ port, portSetting, label }) => {
    if (port === 0) return [];
    if (port > portMax) return [`${label} would listen on ${port}, above ${portMax}: set ${portSetting}`];
    const owner = owners.get(port);
    owners.set(port, portSetting);
    return owner === undefined
      ? []
      : [`${owner} and ${portSetting} are both ${port}: give each a port of its own`];
  });
}
