/** The work of a client in one run. Each run has a process of its own. */
export interface Workload {
  readonly kind: 'produce' | 'consume' | 'single';
  readonly records: number;
  readonly recordBytes: number;
}

/** The records of one call of a produce run. Several calls are in flight. */
export const recordsPerSend = 500;
export const sendsInFlight = 4;

/** The measurements of a run. Times are in milliseconds. */
export interface ClientRun {
  readonly records: number;
  readonly elapsedMs: number;
  /** CPU time of the client's process, user and system, without its start. */
  readonly cpuMs: number;
  /** The time of each single record, in the order of sending. */
  readonly latenciesMs: readonly number[];
}

/** A Kafka client, as a bench uses it. Every client writes with acks=all. */
export interface BenchClient {
  /** Connects, so that no run measures it. */
  connect(): Promise<void>;
  send(values: readonly string[]): Promise<unknown>;
  /** Reads the topic's only partition from its beginning until `count` records have arrived. */
  consume(count: number): Promise<void>;
  close(): Promise<void>;
}

export interface Place {
  readonly bootstrapServer: string;
  readonly topic: string;
}
