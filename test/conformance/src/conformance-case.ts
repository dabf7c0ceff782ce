import type { CaseContext } from './case-context.ts';

export interface ConformanceCase {
  readonly name: string;
  /** Part of the slice that CI runs. */
  readonly quick?: boolean;
  /** 60 s by default. */
  readonly limitMs?: number;
  /** Rejects when the engine does not do what the client needs of it. */
  run(context: CaseContext): Promise<void>;
}

/** A client on this machine, ready to run. */
export interface PreparedClient {
  readonly version: string;
  readonly cases: readonly ConformanceCase[];
  close?(): Promise<void>;
}

export interface ForeignClient {
  /** For `--client`. */
  readonly name: string;
  /** What it is and where it comes from. */
  readonly title: string;
  /** Whether it has cases in the slice that CI runs. */
  readonly quick: boolean;
  /** Fetches and builds what is not there yet. Rejects where that cannot be done: its cases are skipped with the reason. */
  prepare(options: PrepareOptions): Promise<PreparedClient>;
}

export interface PrepareOptions {
  /** The slice of CI: what only the whole run needs is not built. */
  readonly quick: boolean;
  readonly print: (line: string) => void;
}

export type Outcome = 'passed' | 'failed' | 'skipped';

export interface CaseResult {
  readonly client: string;
  readonly name: string;
  readonly outcome: Outcome;
  readonly ms: number;
  /** Why it failed or was skipped: one line. */
  readonly reason?: string;
  /** Of a failed one: the end of the broker's log, then its commands with the end of their output. */
  readonly details?: string;
}

/** Thrown by a case that this machine, or this engine by its nature, cannot run. */
export class Skipped extends Error {}
