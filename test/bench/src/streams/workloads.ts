/** The topologies that both sides run, by the name that both know. */
export const workloadNames = ['word-count', 'tumbling-count', 'stream-join', 'restore'] as const;
export type WorkloadName = (typeof workloadNames)[number];

export interface Workload {
  readonly name: WorkloadName;
  readonly title: string;
  readonly guarantee: 'at_least_once' | 'exactly_once_v2';
  /** How many times Kafka Streams' rate ours has to reach. */
  readonly ratioMin: number;
}

export const workloads: readonly Workload[] = [
  { name: 'word-count', title: 'word count, exactly once', guarantee: 'exactly_once_v2', ratioMin: 1 },
  { name: 'tumbling-count', title: 'tumbling count', guarantee: 'at_least_once', ratioMin: 1 },
  { name: 'stream-join', title: 'stream-stream join', guarantee: 'at_least_once', ratioMin: 0.8 },
  { name: 'restore', title: 'restore', guarantee: 'at_least_once', ratioMin: 1 },
];

export const partitions = 4;
/** The keys of the inputs, and the distinct words. A restored key occurs once. */
export const keysMax = 1_000;
/** Both sides commit this often with either guarantee, so that no run waits for its last commit. */
export const commitIntervalMs = 100;
/** The changelog of the restored store begins with the application's id. */
export const restoredStore = 'state';

/** Where a run takes place, as the program of either side gets it. */
export interface RunPlace {
  readonly bootstrapServer: string;
  readonly applicationId: string;
  readonly output: string;
  readonly stateDir: string;
}

/** The times at which a program began to restore its state, and at which all its tasks ran. Unix time. */
export interface ProgramEvent {
  readonly event: 'restoring' | 'running';
  readonly atMs: number;
  readonly restored: number;
}
