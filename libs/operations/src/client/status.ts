import { judgedMetrics, pagesIn, type Page } from '../alarms/page-rules.ts';
import type { Addresses } from './addresses.ts';
import { withAdmin, withDatabase, withLag, withReader } from './connections.ts';
import { lookAtEngines, type EngineStatus } from './engines.ts';
import { lagOfGroups, type GroupLag } from './lag.ts';
import {
  askProcesses,
  type RaisedAlarm,
  type ServiceReport,
  type ServiceStatus,
  type StalledPartition,
} from './service-reports.ts';
import { withStops } from './stopped-processes.ts';
import { topicRows } from './topic-sizes.ts';

/** A part of the status, or the reason why it is unknown. */
export type Section<Row> = { readonly rows: readonly Row[] } | { readonly unknown: string };

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
  /** The log, PostgreSQL, keys and disk. */
  readonly engines: readonly EngineStatus[];
  readonly alarms: readonly RaisedAlarm[];
  /** The rules of Prometheus that page if what they see lasts. */
  readonly pages: Section<Page>;
  /** The partitions that do not move until somebody acts. */
  readonly stalled: readonly StalledPartition[];
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
  const reports = await askProcesses(urls, { metrics: [...judgedMetrics, liveSagas] });
  const [engines, known, groups, deadLetters, sagas] = await Promise.all([
    lookAtEngines(addresses, reports),
    withStops(addresses, reports),
    sectionOf(() => withLag(addresses.cluster(), lagOfGroups)),
    sectionOf(() => countDeadLetters(addresses)),
    sectionOf(async () => {
      const counted = addresses
        .servicesWithDatabase()
        .map((service) => countSagas(service, addresses.database({ service })));
      const sagas = (await Promise.all(counted)).flat();
      return [...sagas, ...timedProcesses(reports, sagas)];
    }),
  ]);
  return {
    services: known.map(({ status }) => status),
    engines,
    alarms: reports.flatMap(({ alarms }) => alarms),
    pages: pagesOf(reports),
    stalled: reports.flatMap(({ stalled }) => stalled),
    groups,
    deadLetters,
    sagas,
    links: linksOf(addresses, urls),
  };
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
    ...(stack?.console !== undefined && { console: stack.console }),
    ...(stack && { mails: stack.mailFolder, logs: stack.logFolder, data: stack.dataFolder }),
  };
}

/** Judged by what answers. A process that does not answer is in `services`. */
function pagesOf(reports: readonly ServiceReport[]): Section<Page> {
  const answering = reports.filter(({ status }) => status.status !== 'no answer');
  const silent = answering.flatMap(({ status, samples }) =>
    typeof samples === 'string' ? [`${status.process}: ${samples}`] : [],
  );
  if (silent.length > 0) return { unknown: silent.join('; ') };
  return { rows: pagesIn(answering.flatMap(({ samples }) => samples as Exclude<typeof samples, string>)) };
}

/**
 * True if every process is ready, every engine works, no alarm is raised, no rule of Prometheus would
 * page, every partition moves, and every part could be read.
 */
export const isWell = ({ services, engines, alarms, stalled, pages, ...sections }: Status): boolean =>
  services.every(({ status }) => status === 'ready') &&
  engines.every(({ state }) => state !== 'fails') &&
  alarms.length === 0 &&
  stalled.length === 0 &&
  'rows' in pages &&
  pages.rows.length === 0 &&
  [sections.groups, sections.deadLetters, sections.sagas].every((section) => 'rows' in section);

/** Resolves to the rows of `read`, or to the reason why they could not be read. */
async function sectionOf<Row>(read: () => Promise<readonly Row[]>): Promise<Section<Row>> {
  try {
    return { rows: await read() };
  } catch (error) {
    return { unknown: error instanceof Error ? error.message : String(error) };
  }
}

const hasSagas = `SELECT to_regclass('saga_instance') IS NOT NULL AS found`;
const counts = `SELECT definition, status, count(*) FILTER (WHERE needs_attention) AS attention, count(*) AS sagas
  FROM saga_instance GROUP BY definition, status ORDER BY definition, status`;

/** The metric that counts sagas and timed processes that have not ended. */
const liveSagas = 'millrace_sagas_live';

/** Counts what the sagas of no definition are. Every process of a service reports the same. */
function timedProcesses(
  reports: readonly ServiceReport[],
  sagas: readonly SagaCount[],
): readonly SagaCount[] {
  const found = new Map<string, SagaCount>();
  for (const { name, labels, value } of reports.flatMap(({ samples }) =>
    typeof samples === 'string' ? [] : samples,
  )) {
    const { service = '', definition = '', status = '' } = labels;
    if (name !== liveSagas || sagas.some((known) => known.definition === definition)) continue;
    found.set(`${service} ${definition} ${status}`, {
      service,
      definition,
      status,
      needsAttention: 0,
      sagas: value,
    });
  }
  return [...found.values()];
}

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
