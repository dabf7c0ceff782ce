import type { Readiness, ReadinessCheck } from '@millrace/operations/contract';
import { whyUnreachable } from '../places/why-unreachable.ts';
import type { RaisedAlarm, ServiceStatus } from './status-parts.ts';

export interface ServiceReport {
  readonly status: ServiceStatus;
  readonly alarms: readonly RaisedAlarm[];
}

const answerMsMax = 5_000;

/** Asks every process for its health at the same time. One that does not answer is reported as such. */
export const askServices = (processes: Readonly<Record<string, string>>): Promise<readonly ServiceReport[]> =>
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
