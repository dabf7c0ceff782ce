import type { Readiness, ReadinessCheck } from '../contract/readiness.ts';
import type { Addresses } from './addresses.ts';
import { whyUnreachable, withAdmin, withDatabase, withLag, withReader } from './connections.ts';
import { lagOfGroups, type GroupLag } from './lag.ts';
import { supervisedBy } from './supervisor.ts';
import type { SupervisedProcess } from '../contract/supervisor.ts';
import { topicRows } from './topic-sizes.ts';

/** A part of the status, or the reason why it is unknown. */
export type Section<Row> = { readonly rows: readonly Row[] } | { readonly unknown: string };

interface ServiceStatus {
  readonly process: string;
  readonly url: string;
  /** `ready`, `degraded`, `unhealthy`, `starting`, `draining`, `stopped` by an operator, or `no answer`. */
  readonly status: string;
  readonly roles: readonly string[];
  /** The checks that fail or warn, with their reasons. */
  readonly failing: readonly string[];
}

interface RaisedAlarm {
  readonly process: string;
  readonly alarm: string;
  /** The labels of its metric, such as `group=order topic=payment-events`. */
  readonly place: string;
  readonly value: number;
  readonly threshold: number;
  /** The heading of its entry in docs/OPERATIONS.md; undefined from an earlier release. */
  readonly runbook: string | undefined;
  readonly since: string;
}

interface DeadLetterCount {
  readonly topic: string;
  readonly deadLetters: bigint;
}

interface SagaCount {
  readonly service: string;
  readonly definition: string;
  readonly status: string;
  readonly needsAttention: number;
  readonly sagas: number;
}

export interface Status {
  readonly services: readonly ServiceStatus[];
  readonly alarms: readonly RaisedAlarm[];
  readonly groups: Section<GroupLag>;
  /** The dead-letter topics that are not empty. */
  readonly deadLetters: Section<DeadLetterCount>;
  readonly sagas: Section<SagaCount>;
  /** Pages and folders to look at. */
  readonly links: Readonly<Record<string, string>>;
}

const deadLetterSuffix = '.dlq';

/** Reads all parts at the same time. A part that cannot be read is reported as unknown. */
export async function readStatus(addresses: Addresses): Promise<Status> {
  const urls = addresses.processes();
  if (Object.keys(urls).length === 0)
    throw addresses.noStack('name services with --service order=http://HOST:PORT');
  const [services, supervised, groups, deadLetters, sagas] = await Promise.all([
    askServices(urls),
    supervisedAmong(addresses, urls),
    sectionOf(() => withLag(addresses.cluster(), lagOfGroups)),
    sectionOf(() => countDeadLetters(addresses)),
    sectionOf(async () => {
      const counted = addresses
        .services()
        .map((service) => countSagas(service, addresses.database({ service })));
      return (await Promise.all(counted)).flat();
    }),
  ]);
  return {
    services: services.map(({ status }) => withStop(status, supervised)),
    alarms: services.flatMap(({ alarms }) => alarms),
    groups,
    deadLetters,
    sagas,
    links: linksOf(addresses, urls),
  };
}

/** None where the supervisor does not answer: then the processes' own answers say what is wrong. */
async function supervisedAmong(
  addresses: Addresses,
  urls: Readonly<Record<string, string>>,
): Promise<readonly SupervisedProcess[]> {
  const stack = addresses.findStack();
  if (stack === undefined) return [];
  const found = await supervisedBy(stack).catch(() => []);
  return found.filter(({ process }) => stack.instances[process] === urls[process]);
}

/** Says of a process that does not answer if an operator has stopped it. */
function withStop(status: ServiceStatus, supervised: readonly SupervisedProcess[]): ServiceStatus {
  const found = supervised.find(({ process }) => process === status.process);
  if (found?.state !== 'stopped' || status.status !== 'no answer') return status;
  const { actor, at, reason } = found.stopped ?? {};
  const who = actor === undefined ? 'it did not start' : `${actor} stopped it at ${at}`;
  const why = [who, reason].filter(Boolean).join(': ');
  return { ...status, status: 'stopped', failing: [`${why}; millrace start ${found.process} starts it`] };
}

const countDeadLetters = (addresses: Addresses): Promise<readonly DeadLetterCount[]> =>
  withAdmin(addresses.cluster(), (admin) =>
    withReader(addresses.cluster(), async (reader) => {
      const topics = (await admin.topics.list()).filter(({ name }) => name.endsWith(deadLetterSuffix));
      return (await topicRows({ admin, reader }, topics))
        .filter(({ offsets }) => offsets > 0n)
        .map(({ topic, offsets }) => ({ topic, deadLetters: offsets }));
    }),
  );

function linksOf(
  addresses: Addresses,
  urls: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const stack = addresses.findStack();
  return {
    ...Object.fromEntries(
      Object.entries(urls).map(([process, url]) => [`${process} (HTTP interface)`, `${url}/docs`]),
    ),
    ...(stack && { mails: stack.mailFolder, logs: stack.logFolder, data: stack.dataFolder }),
  };
}

/** True if every process is ready, no alarm is raised, and every part could be read. */
export const isWell = ({ services, alarms, ...sections }: Status): boolean =>
  services.every(({ status }) => status === 'ready') &&
  alarms.length === 0 &&
  [sections.groups, sections.deadLetters, sections.sagas].every((section) => 'rows' in section);

/** Resolves to the rows of `read`, or to the reason why they could not be read. */
async function sectionOf<Row>(read: () => Promise<readonly Row[]>): Promise<Section<Row>> {
  try {
    return { rows: await read() };
  } catch (error) {
    return { unknown: error instanceof Error ? error.message : String(error) };
  }
}

interface ServiceReport {
  readonly status: ServiceStatus;
  readonly alarms: readonly RaisedAlarm[];
}

const answerMsMax = 5_000;

/** Asks every process for its health at the same time. One that does not answer is reported as such. */
const askServices = (processes: Readonly<Record<string, string>>): Promise<readonly ServiceReport[]> =>
  Promise.all(Object.entries(processes).map(([process, url]) => askService(process, url)));

async function askService(process: string, url: string): Promise<ServiceReport> {
  try {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(answerMsMax) });
    return reportOf(process, url, (await answer.json()) as Readiness);
  } catch (error) {
    const failing = [whyUnreachable(error)];
    return { status: { process, url, status: 'no answer', roles: [], failing }, alarms: [] };
  }
}

const reportOf = (process: string, url: string, { status, roles, checks }: Readiness): ServiceReport => ({
  status: {
    process,
    url,
    status,
    roles,
    failing: Object.entries(checks).flatMap(([name, check]) =>
      faultsOf(check).map((fault) => `${name}: ${fault}`),
    ),
  },
  alarms: (checks.alarms?.details?.active ?? []).map(({ place, ...alarm }) => ({
    process,
    alarm: alarm.alarm,
    place: Object.entries(place)
      .map((pair) => pair.join('='))
      .join(' '),
    value: alarm.value,
    threshold: alarm.threshold,
    runbook: alarm.runbook,
    since: alarm.since,
  })),
});

const faultsOf = ({ healthy, degraded, details = {} }: ReadinessCheck): readonly string[] => {
  if (!healthy || degraded === true) return reasonsOf(details);
  return details.warning === undefined ? [] : [details.warning];
};

/** Why a check fails, as lines for people. */
function reasonsOf(details: NonNullable<ReadinessCheck['details']>): readonly string[] {
  const { reason, state, refused = [], blocked = [] } = details;
  const reasons = [
    ...(reason === undefined ? [] : [reason]),
    ...refused.map((one) => `${one.partition} is refused: ${one.reason}`),
    ...blocked.map((one) => `${one.partition} is blocked: ${one.reason}`),
  ];
  return reasons.length > 0 ? reasons : [state ?? JSON.stringify(details)];
}

const hasSagas = `SELECT to_regclass('saga_instance') IS NOT NULL AS found`;
const counts = `SELECT definition, status, count(*) FILTER (WHERE needs_attention) AS attention, count(*) AS sagas
  FROM saga_instance GROUP BY definition, status ORDER BY definition, status`;

const statementTimeoutMs = 10_000;

interface CountRow {
  readonly definition: string;
  readonly status: string;
  readonly attention: string;
  readonly sagas: string;
}

/** Counts the sagas of a service by their state. Returns nothing for a service without sagas. */
const countSagas = (service: string, url: string): Promise<readonly SagaCount[]> =>
  withDatabase(
    url,
    async (client) => {
      const [table] = (await client.query<{ found: boolean }>(hasSagas)).rows;
      if (table?.found !== true) return [];
      const { rows } = await client.query<CountRow>(counts);
      return rows.map(({ definition, status, attention, sagas }) => ({
        service,
        definition,
        status,
        needsAttention: Number(attention),
        sagas: Number(sagas),
      }));
    },
    { statement_timeout: statementTimeoutMs },
  );
