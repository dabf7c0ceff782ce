import type { Changes } from './stored-counts.ts';

/** What the program is told: where it runs, and what it waits for. */
export interface StateRun extends Changes {
  readonly bootstrapServer: string;
  readonly stateDir: string;
}

export type StateEvent =
  | { readonly event: 'running'; readonly restored: number }
  | { readonly event: 'checked'; readonly lookups: number; readonly wrong: readonly string[] };

/** A killed process is missed after this, so it is part of a start after a kill. */
export const sessionTimeoutMs = 6_000;
