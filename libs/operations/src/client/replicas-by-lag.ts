import { samplesIn } from './prometheus-text.ts';

/** How many processes a group gets. The chart gives the same figures to KEDA. */
export interface ScalingRule {
  /** The lag that one process is to have at most, in messages of all partitions of the group. */
  readonly lagThreshold: number;
  readonly replicasMin: number;
  readonly replicasMax: number;
  /** How long the lag must have been less before processes are taken away. */
  readonly stabilisationMs: number;
}

/** KEDA's rule for a lag: ceil(lag / threshold), within the limits. */
export const replicasFor = (
  lag: number,
  { lagThreshold, replicasMin, replicasMax }: Omit<ScalingRule, 'stabilisationMs'>,
): number => Math.min(replicasMax, Math.max(replicasMin, Math.ceil(lag / lagThreshold)));

/**
 * Adds the downscale stabilisation of Kubernetes' HorizontalPodAutoscaler, which KEDA uses: of all
 * numbers that the lags of the last time asked for, the largest counts. More processes start at once.
 */
export class StabilisedReplicas {
  readonly #rule: ScalingRule;
  #recent: ReadonlyArray<{ readonly atMs: number; readonly replicas: number }>;

  /** The number that runs counts as the first that was asked for. */
  constructor(rule: ScalingRule, running: { readonly replicas: number; readonly atMs: number }) {
    this.#rule = rule;
    this.#recent = [running];
  }

  next(lag: number, atMs: number): number {
    const since = atMs - this.#rule.stabilisationMs;
    const replicas = replicasFor(lag, this.#rule);
    this.#recent = [...this.#recent.filter((each) => each.atMs > since), { atMs, replicas }];
    const most = Math.max(...this.#recent.map((each) => each.replicas));
    return Math.min(this.#rule.replicasMax, most);
  }
}

/** The lag of a group over all topics and partitions, as a process of its service shows it on `/metrics`. */
export function lagOf(group: string, metrics: string): number {
  const lags = samplesIn(metrics).filter(
    ({ name, labels }) => name === 'kafka_consumer_group_lag' && labels.group === group,
  );
  if (lags.length === 0)
    throw new Error(`/metrics has no kafka_consumer_group_lag of the group ${group}: is its watch up?`);
  return lags.reduce((sum, { value }) => sum + value, 0);
}
