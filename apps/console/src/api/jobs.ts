/** A job: an action on many things, which the console carries out page by page. */
export interface JobView {
  readonly id: string;
  /** What it does, such as `retry sagas that need attention`. */
  readonly title: string;
  readonly actor: string;
  readonly reason: string;
  readonly state: 'running' | 'stopping' | 'done' | 'stopped' | 'failed';
  /** The number of things that it has acted on. */
  readonly acted: number;
  /** The number of things that services have refused to act on, and the latest reasons. */
  readonly refused: number;
  readonly refusals: readonly string[];
  /** The number of things at the beginning; null if it is unknown. */
  readonly total: number | null;
  /** The reason of its failure; null if it has not failed. */
  readonly failure: string | null;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly endedAt: string | null;
}
