import type { CaseContext } from './case-context.ts';

export interface ConformanceCase {
  readonly name: string;
  /** Whether CI's slice includes the case. */
  readonly quick?: boolean;
  /** Default: 60 s. */
  readonly limitMs?: number;
  /** Rejects when the engine does not do what the client needs. */
  run(context: CaseContext): Promise<void>;
}

/** A client that is ready to run on this machine. */
export interface PreparedClient {
  readonly version: string;
  readonly cases: readonly ConformanceCase[];
  close?(): Promise<void>;
}

export interface ForeignClient {
  /** The name for `--client`. */
  readonly name: string;
  /** A description of the client and its source. */
  readonly title: string;
  /** Whether CI's slice includes cases of this client. */
  readonly quick: boolean;
  /**
   * Fetches and builds what does not exist yet. If it rejects, the run skips the client's cases and
   * gives that reason.
   */
  prepare(options: PrepareOptions): Promise<PreparedClient>;
}

interface PrepareOptions {
  /** Whether only CI's slice runs. Parts that only the whole run needs are then not built. */
  readonly quick: boolean;
  readonly print: (line: string) => void;
}

export type Outcome = 'passed' | 'failed' | 'skipped';

export interface CaseResult {
  readonly client: string;
  readonly name: string;
  readonly outcome: Outcome;
  readonly ms: number;
  /** Why it failed or was skipped, in one line. */
  readonly reason?: string;
  /**
   * The end of the broker's log, then the case's commands with the end of their output, if the case
   * failed.
   */
  readonly details?: string;
}

/** Thrown by a case that cannot run on this machine or, by its nature, on this engine. */
export class Skipped extends Error {}
