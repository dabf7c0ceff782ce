import { join } from 'node:path';
import { workspace } from '../workspace.ts';
import { commit, lastLineOf, runLogged, writePage, type LongRun } from './long-run.ts';

/** The one JSON document that `test/broker-faults/src/main.ts --json` prints. */
interface FaultsReport {
  readonly run: string;
  readonly seed: number;
  readonly seconds: number;
  readonly rows: ReadonlyArray<{
    readonly what: string;
    readonly tried: number;
    readonly violations: number;
    readonly note: string;
  }>;
  readonly problems: readonly string[];
}

interface FaultsPage {
  readonly name: string;
  readonly title: string;
  readonly options?: string;
  readonly summary: string;
  readonly about: string;
  /** Of `test/broker-faults`, one after the other. */
  readonly runs: readonly string[];
}

const program = [
  '--conditions=@millrace/source',
  '--import',
  './tools/typescript/register.mjs',
  'test/broker-faults/src/main.ts',
];

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
      for (const run of runs) reports.push(await reportOf(run, args));
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
            ...reports.map(
              ({ run, seed, seconds, problems: found }) =>
                `${run}: ${found.length} violations, seed ${seed}, ${seconds} s`,
            ),
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

async function reportOf(run: string, args: readonly string[]): Promise<FaultsReport> {
  const logFile = join(workspace, `tmp/broker-faults-${run}.log`);
  const { output } = await runLogged('node', [...program, run, '--json', ...args], logFile);
  const line = output.split('\n').findLast((each) => each.startsWith('{"run":'));
  if (line === undefined)
    throw new Error(`the run ${run} has no report, its last words: ${lastLineOf(output)} (${logFile})`);
  const report = JSON.parse(line) as FaultsReport;
  process.stdout.write(
    `${run}: ${report.problems.length} violations, seed ${report.seed}, ${report.seconds} s\n`,
  );
  return report;
}

export const crash = faultsRun({
  name: 'crash',
  title: 'Crashes and failing disks',
  options: '[--seed N] [--minutes N] [--range A-B] [--quick]',
  summary:
    'the broker crashed at every change of its disk, killed at system calls, its disk failing or full, its files damaged',
  about:
    'A broker under a scripted load (idempotent producers, acks 1 and all, transactions of both protocols with offsets and keys in them, groups and their members, compaction, retention, topics made, grown and deleted, records deleted, small segments, an orderly end and a second start) has every change of its disk recorded. After each change the states that kill -9, a torn write and a power loss could leave are made and started on: everything acknowledged has to be there once, in order and with its bytes, nothing half there; what was committed is read by readers of committed records and nothing else, prepared transactions complete, open ones go on or are undone; keys keep their last value; deleted stays deleted; a second start changes nothing. Some of these starts are cut off as well. The same load runs on a disk that fails (EIO) or is full (ENOSPC) at the n-th call, and in a process of its own that strace kills or lies to at the n-th system call; a small file system is filled to its last byte; files of every kind are damaged while the broker is down. "of N" says how many there are: `--minutes` (40 in all) ends what takes longer, spread over all of it.',
  runs: ['crash', 'failing-disk', 'injected', 'full-disk', 'damage'],
});

export const fuzz = faultsRun({
  name: 'fuzz',
  title: 'Hostile and stuck peers',
  options: '[--seed N] [--quick] [--frames N]',
  summary:
    'requests cut at every byte and mutated, peers that never read or never finish, with memory and others’ latency measured',
  about:
    'Requests as Apache Kafka took them, in every version of every API: cut at every byte, with other bytes, with other values (well-formed, encoded by the schemas, so that the handlers meet them), and with record batches damaged behind a checksum that fits. Every answer has to decode by the schema of its request. Then peers that ask for everything and read nothing, never finish a request, or send it byte by byte. The broker has to live, log no error of its own, stay below the stated memory, and serve a client beside them.',
  runs: ['fuzz', 'peers'],
});

export const brokerCrashes = faultsRun({
  name: 'broker-crashes',
  title: 'Broker crashes under load',
  summary: 'the broker killed again and again under producers and consumers, all they did and saw checked',
  about:
    'Idempotent and transactional producers and readers of committed records work, by the client facade, while the broker process is killed with kill -9 and started again. Afterwards a checker in the manner of Jepsen’s Kafka workload (`test/support/src/log-history`) looks for lost, duplicated, aborted, skipped, reordered and inconsistent records in everything that they did and saw.',
  runs: ['broker-crashes'],
});
