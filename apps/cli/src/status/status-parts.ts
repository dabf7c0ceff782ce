/** A part of the status, or the reason why it is unknown. */
export type Section<Row> = { readonly rows: readonly Row[] } | { readonly unknown: string };

export interface ServiceStatus {
  readonly process: string;
  readonly url: string;
  /** `ready`, `degraded`, `unhealthy`, `starting`, `draining`, or `no answer`. */
  readonly status: string;
  readonly roles: readonly string[];
  /** The checks that fail or warn, with their reasons. */
  readonly failing: readonly string[];
}

export interface RaisedAlarm {
  readonly process: string;
  readonly alarm: string;
  /** The labels of its metric, such as `group=order topic=payment-events`. */
  readonly place: string;
  readonly value: number;
  readonly threshold: number;
  /** The heading of its entry in docs/OPERATIONS.md; undefined from an earlier release. */
  readonly runbook: string | undefined;
  readonly since: string;
}

export interface DeadLetterCount {
  readonly topic: string;
  readonly deadLetters: bigint;
}

export interface SagaCount {
  readonly service: string;
  readonly definition: string;
  readonly status: string;
  readonly needsAttention: number;
  readonly sagas: number;
}

/** Resolves to the rows of `read`, or to the reason why they could not be read. */
export async function sectionOf<Row>(read: () => Promise<readonly Row[]>): Promise<Section<Row>> {
  try {
    return { rows: await read() };
  } catch (error) {
    return { unknown: error instanceof Error ? error.message : String(error) };
  }
}
