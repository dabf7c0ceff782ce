/** An act on many things, which the console carries out one page after the other. */
export interface JobView {
  readonly id: string;
  /** What it does, such as `retry sagas that need attention`. */
  readonly title: string;
  readonly actor: string;
  readonly reason: string;
  readonly state: 'running' | 'stopping' | 'done' | 'stopped' | 'failed';
  /** How many things it has acted on. */
  readonly acted: number;
  /** How many the services have refused, and the latest reasons. */
  readonly refused: number;
  readonly refusals: readonly string[];
  /** How many there were at the beginning; null if nobody has counted them. */
  readonly total: number | null;
  /** Why it has failed. */
  readonly failure: string | null;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly endedAt: string | null;
}
