import type { SupervisedProcess } from '../contract/supervisor.ts';
import type { Addresses } from './addresses.ts';
import type { ServiceReport } from './service-reports.ts';
import { supervisedBy } from './supervisor.ts';

/**
 * Says of the processes that do not answer which of them an operator has stopped. Where the supervisor
 * does not answer either, the reports stay as they are.
 */
export async function withStops(
  addresses: Addresses,
  reports: readonly ServiceReport[],
): Promise<readonly ServiceReport[]> {
  if (!reports.some(isSilent)) return reports;
  const stack = addresses.findStack();
  if (stack === undefined) return reports;
  const supervised = await supervisedBy(stack).catch(() => []);
  return reports.map((report) => {
    const { process, url } = report.status;
    const found = supervised.find((one) => one.process === process && stack.instances[process] === url);
    return isSilent(report) && found?.state === 'stopped' ? stoppedReport(report, found) : report;
  });
}

const isSilent = ({ status }: ServiceReport): boolean => status.status === 'no answer';

function stoppedReport(report: ServiceReport, { process, lastAct }: SupervisedProcess): ServiceReport {
  const { act, actor, at, reason } = lastAct ?? {};
  const who = act !== 'stop' ? 'it did not start' : `${actor} stopped it at ${at}`;
  const why = [who, reason].filter(Boolean).join(': ');
  const failing = [`${why}; millrace start ${process} starts it`];
  return { ...report, status: { ...report.status, status: 'stopped', failing } };
}
