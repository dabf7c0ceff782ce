import { samplesIn } from './prometheus-text.ts';

/** The number of processes that a group gets. The chart gives the same figures to KEDA. */
export interface ScalingRule {
  /** The most messages by which one process is meant to lag, over all partitions of the group. */
  readonly lagThreshold: number;
  readonly replicasMin: number;
  readonly replicasMax: number;
  /** How long the lag must have been lower before processes are stopped. */
  readonly stabilisationMs: number;
}

/** KEDA's rule for a lag: ceil(lag / threshold), within the limits. */
export const replicasFor = (
  lag: number,
  { lagThreshold, replicasMin, replicasMax }: Omit<ScalingRule, 'stabilisationMs'>,
): number => Math.min(replicasMax, Math.max(replicasMin, Math.ceil(lag / lagThreshold)));

/**
 * Adds the downscale stabilisation of Kubernetes' HorizontalPodAutoscaler, which KEDA uses. It takes the
 * largest number that any lag of the recent past has asked for, so it stops processes late and starts them at
 * once.
 */
export class StabilisedReplicas {
  readonly #rule: ScalingRule;
  #recent: ReadonlyArray<{ readonly atMs: number; readonly replicas: number }>;

  /** Counts the running number as the first one that was asked for. */
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

/**
 * Returns the lag of a group over all topics and partitions, as a process of its service shows it on
 * `/metrics`.
 */
export function lagOf(group: string, metrics: string): number {
  const lags = samplesIn(metrics).filter(
    ({ name, labels }) => name === 'kafka_consumer_group_lag' && labels.group === group,
  );
  if (lags.length === 0)
    throw new Error(`/metrics has no kafka_consumer_group_lag of the group ${group}: is its watch up?`);
  return lags.reduce((sum, { value }) => sum + value, 0);
}
