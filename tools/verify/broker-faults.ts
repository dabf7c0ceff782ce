import type { FaultsReport } from '../../test/broker-faults/src/report.ts';
import { commit, runReport, writePage, type LongRun } from './long-run.ts';

interface FaultsPage {
  readonly name: string;
  readonly title: string;
  readonly options?: string;
  readonly summary: string;
  readonly about: string;
  /** The names of the runs in `test/broker-faults`, in order. */
  readonly runs: readonly string[];
}

function faultsRun({
  name,
  title,
  options = '[--seed N] [--quick]',
  summary,
  about,
  runs,
}: FaultsPage): LongRun {
  return {
    summary: `${options}: ${summary}; writes docs/reports/${name}.md`,
    async main(args) {
      const startedAt = new Date();
      const onCommit = commit();
      const reports: FaultsReport[] = [];
      for (const run of runs) {
        const program = ['test/broker-faults/src/main.ts', run, ...args];
        reports.push((await runReport<FaultsReport>(program, `tmp/broker-faults-${run}.log`)).report);
        process.stdout.write(`${lastWords(reports.at(-1)!)}\n`);
      }
      const problems = reports.flatMap((report) => report.problems);
      writePage(
        {
          path: `docs/reports/${name}.md`,
          title,
          about,
          command: ['npm run verify --', name, ...args].join(' '),
          columns: ['what was done', 'how often', 'violations', ''],
          rows: reports.flatMap(({ rows }) =>
            rows.map(({ what, tried, violations, note }) => [what, tried, violations, note]),
          ),
          closing: [
            ...reports.map(lastWords),
            ...problems.slice(0, 50).map((problem) => `violation: ${problem}`),
          ],
        },
        startedAt,
        onCommit,
      );
      return problems.length === 0;
    },
  };
}

const lastWords = ({ run, seed, seconds, problems }: FaultsReport): string =>
  `${run}: ${problems.length} violations, seed ${seed}, ${seconds} s`;

export const crash = faultsRun({
  name: 'crash',
  title: 'Crashes and failing disks',
  options: '[--seed N] [--minutes N] [--range A-B] [--quick]',
  summary:
    'the broker crashed at every disk write or killed at system calls, with a failing or full disk, ' +
    'and with damaged files',
  about:
    'A broker runs a scripted load, and every change of its disk is recorded. ' +
    'The load has idempotent producers, acks 1 and all, transactions of both protocols with offsets ' +
    'and keys, groups and their members, compaction, retention, topics that are created, ' +
    'grown and deleted, deleted records, small segments, an orderly stop and a second start. ' +
    'For each change, the run recreates the states that kill -9, a torn write and a power loss could ' +
    'leave, and starts a broker on them. Every acknowledged record must then exist exactly once, ' +
    'in order and byte for byte, and no batch may exist in part. A reader of committed records must ' +
    'see exactly what was committed. Prepared transactions must complete; ' +
    'open ones must continue or be aborted. Keys must keep their last value, ' +
    'deleted data must stay deleted, and a second start must change nothing. ' +
    'Some of these starts are cut off as well. The same load runs on a disk that fails (EIO) or is ' +
    'full (ENOSPC) at the n-th call, and in a process in which strace kills or fails the n-th system ' +
    'call. A small file system is filled to its last byte. Files of every kind are damaged while the ' +
    'broker is down. "of N" gives the number of all cases: `--minutes` (40 in total) limits the run to ' +
    'a sample spread over all of them.',
  runs: ['crash', 'failing-disk', 'injected', 'full-disk', 'damage'],
});

export const fuzz = faultsRun({
  name: 'fuzz',
  title: 'Hostile and stuck peers',
  options: '[--seed N] [--quick] [--frames N]',
  summary:
    'requests cut at every byte or mutated, peers that never read or never finish; ' +
    'memory and the latency of others are measured',
  about:
    'The run sends requests that Apache Kafka accepted, in every version of every API. ' +
    'They are cut at every byte, have changed bytes, have other values (well-formed and encoded by the ' +
    'schemas, so that they reach the handlers), or contain damaged record batches with a valid ' +
    'checksum. Every answer must decode by the schema of its request. Then there are peers that ask ' +
    'for everything and read nothing, never finish a request, or send it byte by byte. ' +
    'The broker must stay alive, log no error of its own, stay below the stated memory and serve ' +
    'another client meanwhile.',
  runs: ['fuzz', 'peers'],
});

export const brokerCrashes = faultsRun({
  name: 'broker-crashes',
  title: 'Broker crashes under load',
  summary: 'the broker killed repeatedly under producers and consumers, whose whole history is checked',
  about:
    'Idempotent and transactional producers and readers of committed records work through the client ' +
    'facade while the broker process is killed with kill -9 and restarted. ' +
    'Afterwards a checker modelled on Jepsen’s Kafka workload (`test/support/src/log-history`) ' +
    'searches their whole history for lost, duplicated, aborted, skipped, ' +
    'reordered and inconsistent records.',
  runs: ['broker-crashes'],
});
