import type { Changes } from './stored-counts.ts';

/** The program's instructions: where it runs, and what it waits for. */
export interface StateRun extends Changes {
  readonly bootstrapServer: string;
  readonly stateDir: string;
}

export type StateEvent =
  | { readonly event: 'running'; readonly restored: number }
  | { readonly event: 'checked'; readonly lookups: number; readonly wrong: readonly string[] };

/** The group notices a killed process only after this time, which a start after a kill has to wait. */
export const sessionTimeoutMs = 6_000;
