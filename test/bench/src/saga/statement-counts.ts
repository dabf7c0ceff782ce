import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface StatementCounts {
  readonly statements: number;
  readonly roundTrips: number;
  /** Statements by the beginning of their text. */
  readonly texts: ReadonlyMap<string, number>;
}

const answerMsMax = 10_000;

/** Asks the processes of a stack for what their drivers have counted (`count-statements.ts`). */
export class StatementCounters {
  readonly #folder: string;
  readonly #asked = new Map<number, number>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(): Promise<StatementCounters> {
    return new StatementCounters(await mkdtemp(join(tmpdir(), 'millrace-bench-')));
  }

  /** What a stack has to be started with. */
  get environment(): Readonly<Record<string, string>> {
    return { MILLRACE_BENCH_COUNTS: this.#folder, NODE_OPTIONS: `--import ${join(import.meta.dirname, 'count-statements.ts')}` };
  }

  async read(pid: number): Promise<StatementCounts> {
    const reports = (this.#asked.get(pid) ?? 0) + 1;
    this.#asked.set(pid, reports);
    process.kill(pid, 'SIGUSR2');
    const limit = performance.now() + answerMsMax;
    for (;;) {
      const counts = this.#lastOf(pid);
      if (counts !== undefined && counts.reports >= reports) return { ...counts, texts: new Map(counts.texts) };
      if (performance.now() > limit) throw new Error(`process ${pid} did not report its statements within ${answerMsMax} ms`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  close(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true });
  }

  #lastOf(pid: number) {
    try {
      return JSON.parse(readFileSync(join(this.#folder, `${pid}.json`), 'utf8')) as {
        readonly reports: number;
        readonly statements: number;
        readonly roundTrips: number;
        readonly texts: ReadonlyArray<[string, number]>;
      };
    } catch {
      return undefined; // nothing yet
    }
  }
}

export function countsBetween(before: StatementCounts, after: StatementCounts): StatementCounts {
  const texts = [...after.texts].map(([text, count]) => [text, count - (before.texts.get(text) ?? 0)] as const);
  return {
    statements: after.statements - before.statements,
    roundTrips: after.roundTrips - before.roundTrips,
    texts: new Map(texts.filter(([, count]) => count > 0)),
  };
}
