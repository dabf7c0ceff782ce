import { median, percentile, round } from '../numbers.ts';
import { grouped, table } from '../report.ts';
import { clientNames, type ClientName } from './run-client.ts';
import type { ClientRun, Workload } from './workload.ts';

export interface Measured {
  readonly engine: string;
  readonly workload: Workload;
  readonly client: ClientName;
  readonly runs: readonly ClientRun[];
}

const percent = (share: number): string => `${Math.round(share * 100)}%`;
const rates = (runs: readonly ClientRun[]) => runs.map((run) => (run.records / run.elapsedMs) * 1_000);
const cpuPerRecord = (runs: readonly ClientRun[]) => runs.map((run) => (run.cpuMs * 1_000) / run.records);
const latency = (runs: readonly ClientRun[], share: number) =>
  runs.map(({ latenciesMs }) =>
    percentile(
      latenciesMs.toSorted((one, other) => one - other),
      share,
    ),
  );

export const titleOf = ({ kind, recordBytes }: Workload): string =>
  kind === 'single' ? 'one record at a time, 100 B' : `${kind} ${grouped(recordBytes)} B`;

/** Returns the table of one engine. Each cell is the median of the runs. */
export function tableOf(engine: string, all: readonly Measured[]): string {
  const measured = all.filter((one) => one.engine === engine);
  const titles = [...new Set(measured.map(({ workload }) => titleOf(workload)))];
  const rows = titles.map((title) => {
    const cells = clientNames.map((client) => {
      const one = measured.find((each) => each.client === client && titleOf(each.workload) === title);
      return one === undefined ? '-' : cellOf(one);
    });
    return [title, ...cells];
  });
  return table([engine, ...clientNames], rows);
}

function cellOf({ workload, runs }: Measured): string {
  const cpu = `${round(median(cpuPerRecord(runs)))} µs CPU`;
  if (workload.kind !== 'single') return `${grouped(median(rates(runs)))}/s, ${cpu}`;
  const p50 = median(latency(runs, 0.5)).toFixed(2);
  const p99 = median(latency(runs, 0.99)).toFixed(2);
  return `p50 ${p50} ms, p99 ${p99} ms, ${cpu}`;
}

/** Compares librdkafka with ours in each row of records per second. */
export function distances(all: readonly Measured[]): readonly string[] {
  return all.flatMap((mine) => {
    const native = all.find(
      ({ client, engine, workload }) =>
        client === 'librdkafka' && engine === mine.engine && titleOf(workload) === titleOf(mine.workload),
    );
    if (mine.client !== 'ours' || native === undefined || mine.workload.kind === 'single') return [];
    const rate = median(rates(native.runs)) / median(rates(mine.runs));
    const cpu = median(cpuPerRecord(native.runs)) / median(cpuPerRecord(mine.runs));
    const where = `${mine.engine}, ${titleOf(mine.workload)}`;
    return [`${where}: ${rate.toFixed(1)} times the records per second, with ${percent(cpu)} of the CPU`];
  });
}

/** Returns the rows in which a JavaScript client is ahead of ours, in rate, latency or CPU. */
export function behind(all: readonly Measured[]): readonly string[] {
  const found: string[] = [];
  for (const mine of all.filter(({ client }) => client === 'ours'))
    for (const peer of all) {
      const sameRow = peer.engine === mine.engine && titleOf(peer.workload) === titleOf(mine.workload);
      if (!sameRow || peer.client === 'ours' || peer.client === 'librdkafka') continue;
      const where = `${mine.engine}, ${titleOf(mine.workload)}: ${peer.client}`;
      if (mine.workload.kind !== 'single' && median(rates(peer.runs)) > median(rates(mine.runs)))
        found.push(`${where} does more records per second`);
      for (const [name, share] of [
        ['p50', 0.5],
        ['p99', 0.99],
      ] as const)
        if (
          mine.workload.kind === 'single' &&
          median(latency(peer.runs, share)) < median(latency(mine.runs, share))
        )
          found.push(`${where} has a lower ${name}`);
      if (median(cpuPerRecord(peer.runs)) < median(cpuPerRecord(mine.runs)))
        found.push(`${where} takes less CPU per record`);
    }
  return found;
}
