import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { within } from '@millrace/testing/within';
import { sum } from '../numbers.ts';

export interface StatementCounts {
  readonly statements: number;
  readonly roundTrips: number;
  /** The statements by the beginning of their text. */
  readonly texts: ReadonlyMap<string, number>;
}

/** The counts as `count-statements.ts` writes them. */
interface ReportedCounts extends Omit<StatementCounts, 'texts'> {
  readonly reports: number;
  readonly texts: ReadonlyArray<[string, number]>;
}

const answered = within(10_000);

/** Asks the processes of a stack for the counts of their drivers (`count-statements.ts`). */
export class StatementCounters {
  readonly #folder: string;
  readonly #asked = new Map<number, number>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(): Promise<StatementCounters> {
    return new StatementCounters(await mkdtemp(join(tmpdir(), 'millrace-bench-')));
  }

  /** The environment with which the stack has to be started. */
  get environment(): Readonly<Record<string, string>> {
    return {
      MILLRACE_BENCH_COUNTS: this.#folder,
      NODE_OPTIONS: `--import ${join(import.meta.dirname, 'count-statements.ts')}`,
    };
  }

  async read(pid: number): Promise<StatementCounts> {
    const reports = (this.#asked.get(pid) ?? 0) + 1;
    this.#asked.set(pid, reports);
    process.kill(pid, 'SIGUSR2');
    let counts: ReportedCounts | undefined;
    await answered(() => {
      counts = this.#lastOf(pid);
      return counts !== undefined && counts.reports >= reports;
    }, `process ${pid} to report its statements`);
    return { ...counts!, texts: new Map(counts!.texts) };
  }

  close(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true });
  }

  #lastOf(pid: number): ReportedCounts | undefined {
    try {
      return JSON.parse(readFileSync(join(this.#folder, `${pid}.json`), 'utf8')) as ReportedCounts;
    } catch {
      return undefined; // the process has not written its counts yet
    }
  }
}

export function countsBetween(before: StatementCounts, after: StatementCounts): StatementCounts {
  const texts = [...after.texts].map(
    ([text, count]) => [text, count - (before.texts.get(text) ?? 0)] as const,
  );
  return {
    statements: after.statements - before.statements,
    roundTrips: after.roundTrips - before.roundTrips,
    texts: new Map(texts.filter(([, count]) => count > 0)),
  };
}

/** Adds up the counts of several processes. */
export function countsTogether(counts: readonly StatementCounts[]): StatementCounts {
  const texts = new Map<string, number>();
  for (const [text, count] of counts.flatMap((each) => [...each.texts]))
    texts.set(text, (texts.get(text) ?? 0) + count);
  return {
    statements: sum(counts.map(({ statements }) => statements)),
    roundTrips: sum(counts.map(({ roundTrips }) => roundTrips)),
    texts,
  };
}
