import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { alarmTable, type AlarmName } from '../alarms/alarm-table.ts';
import type { Sample } from '../alarms/page-rules.ts';
import type { Readiness, ReadinessCheck } from '../contract/readiness.ts';
import { whyUnreachable } from './connections.ts';
import { httpRequest } from './http-request.ts';
import { samplesIn } from './prometheus-text.ts';

export interface ServiceStatus {
  readonly process: string;
  readonly url: string;
  /** `ready`, `degraded`, `unhealthy`, `starting`, `draining`, `stopped` by an operator, or `no answer`. */
  readonly status: string;
  readonly roles: readonly string[];
  /** The checks that fail or warn, with their reasons. */
  readonly failing: readonly string[];
}

export interface RaisedAlarm {
  readonly process: string;
  readonly alarm: string;
  /** The labels of its metric, such as `group=order topic=payment-events`. */
  readonly place: string;
  readonly value: number;
  readonly threshold: number;
  /** The heading of its entry in docs/operations/what-to-do.md. */
  readonly runbook: string | undefined;
  readonly since: string;
}

/** A partition that does not move until somebody acts. */
export interface StalledPartition {
  readonly process: string;
  readonly partition: string;
  readonly state: 'refused' | 'blocked';
  readonly reason: string;
}

/** What one process says of itself. */
export interface ServiceReport {
  readonly status: ServiceStatus;
  readonly alarms: readonly RaisedAlarm[];
  readonly stalled: readonly StalledPartition[];
  /** Its check of the keys of personal data, if it has one. */
  readonly keys: ReadinessCheck | undefined;
  /** Its metrics, or the reason why they could not be read. */
  readonly samples: readonly Sample[] | string;
}

const answerMsByDefault = 5_000;

type LookUp = (host: string) => Promise<readonly string[]>;

const addressesOfHost: LookUp = async (host) =>
  (await lookup(host, { all: true, family: 4 })).map(({ address }) => address);

export interface AskOptions {
  /** The metrics to ask for; by default all. */
  readonly metrics?: readonly string[];
  /** After this time, a process counts as one that does not answer. */
  readonly answerMsMax?: number;
  readonly lookUp?: LookUp;
}

/**
 * Asks every process for its health and its metrics at the same time. One that does not answer is
 * reported as such. A name that resolves to several addresses, as that of a scaled service does in a
 * network of containers, stands for a process at each.
 */
export async function askProcesses(
  processes: Readonly<Record<string, string>>,
  { lookUp = addressesOfHost, ...options }: AskOptions = {},
): Promise<readonly ServiceReport[]> {
  const all = Object.entries(processes).map(async ([process, url]) =>
    Promise.all((await urlsOf(process, url, lookUp)).map(([name, each]) => askProcess(name, each, options))),
  );
  return (await Promise.all(all)).flat();
}

async function urlsOf(
  process: string,
  url: string,
  lookUp: LookUp,
): Promise<ReadonlyArray<readonly [process: string, url: string]>> {
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'http:' || isIP(hostname) !== 0) return [[process, url]];
  const addresses = await lookUp(hostname).catch(() => []);
  if (addresses.length < 2) return [[process, url]];
  return addresses.map((address) => [`${process} ${address}`, url.replace(hostname, address)]);
}

async function askProcess(
  process: string,
  url: string,
  { metrics = [], answerMsMax = answerMsByDefault }: Omit<AskOptions, 'lookUp'>,
): Promise<ServiceReport> {
  const ask = (path: string) => httpRequest(`${url}${path}`, { answerMsMax });
  const names = new URLSearchParams(metrics.map((name): [string, string] => ['name[]', name]));
  const samples = ask(metrics.length === 0 ? '/metrics' : `/metrics?${names.toString()}`)
    .then(({ ok, status, body }) => (ok ? samplesIn(body) : `/metrics answers ${status}`))
    .catch(whyUnreachable);
  try {
    const { body } = await ask('/readyz');
    return { ...reportOf(process, url, JSON.parse(body) as Readiness), samples: await samples };
  } catch (error) {
    const failing = [whyUnreachable(error)];
    const status = { process, url, status: 'no answer', roles: [], failing };
    return { status, alarms: [], stalled: [], keys: undefined, samples: await samples };
  }
}

function reportOf(
  process: string,
  url: string,
  { status, roles, checks }: Readiness,
): Omit<ServiceReport, 'samples'> {
  const failing = Object.entries(checks).flatMap(([name, check]) =>
    faultsOf(check).map((fault) => `${name}: ${fault}`),
  );
  return {
    status: { process, url, status, roles, failing },
    alarms: (checks.alarms?.details?.active ?? []).map(
      ({ alarm, place, value, threshold, runbook, since }) => ({
        process,
        alarm,
        place: Object.entries(place)
          .map((pair) => pair.join('='))
          .join(' '),
        value,
        threshold,
        runbook: runbook ?? headingOf(alarm),
        since,
      }),
    ),
    stalled: Object.values(checks).flatMap(({ details = {} }) => [
      ...(details.refused ?? []).map((one) => ({ process, state: 'refused' as const, ...one })),
      ...(details.blocked ?? []).map((one) => ({ process, state: 'blocked' as const, ...one })),
    ]),
    keys: checks.keys,
  };
}

/** An earlier release names no heading. */
const headingOf = (alarm: string): string | undefined =>
  Object.hasOwn(alarmTable, alarm) ? alarmTable[alarm as AlarmName].rule : undefined;

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
