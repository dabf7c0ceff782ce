import type { JobView } from './jobs.ts';

/** One process of a service. */
export interface ProcessView {
  readonly process: string;
  readonly url: string;
  /** `ready`, `degraded`, `unhealthy`, `starting`, `draining`, `stopped` by an operator, or `no answer`. */
  readonly status: string;
  readonly roles: readonly string[];
  /** Failing and warning checks, as sentences. */
  readonly failing: readonly string[];
}

export interface ServiceView {
  readonly service: string;
  /** The worst status of its processes. */
  readonly status: string;
  readonly processes: readonly ProcessView[];
  /** Messages that wait to be published. */
  readonly outboxPending: number;
  readonly outboxAgeSeconds: number;
  readonly parkedKeys: number;
  /** Whether it makes calls to external systems. */
  readonly callsOutside: boolean;
  readonly liveSagas: number;
}

/** Messages that a service sends to a topic or reads from it, counted by its clients. */
export interface FlowView {
  readonly service: string;
  readonly topic: string;
  readonly direction: 'sends' | 'reads';
  /** The number of messages since the processes started. */
  readonly total: number;
  /** The difference of two counts, per second. */
  readonly perSecond: number;
}

/** The calls of a service to an external system. */
export interface OutsideView {
  readonly service: string;
  readonly kind: string;
  readonly pending: number;
  readonly oldestAgeSeconds: number;
}

/** The lag of a group on a topic. */
export interface LagView {
  readonly group: string;
  readonly topic: string;
  readonly messages: number;
  readonly seconds: number;
}

export interface SagasView {
  readonly service: string;
  readonly definition: string;
  readonly running: number;
  readonly compensating: number;
  readonly closing: number;
  readonly needsAttention: number;
  /** Sagas that have ended since the processes started. */
  readonly completed: number;
  readonly compensated: number;
}

/** A fault with an entry in the runbook, shown as a red tile. */
export interface FaultView {
  /** The rule of Prometheus, which is also the heading of the entry. */
  readonly rule: string;
  /** Where it is, such as `group=order topic=payment-events`. */
  readonly place: string;
  /** The extent of the fault, in words. */
  readonly detail: string;
  /** ISO 8601, UTC; null if only the present moment is known. */
  readonly since: string | null;
}

/** A rule that a healthy system always obeys. */
export interface CheckView {
  readonly name: string;
  readonly holds: boolean;
  readonly detail: string;
  /** The page that shows the cause. */
  readonly page: string;
}

/** The data of the page `Overview`. */
export interface Overview {
  readonly services: readonly ServiceView[];
  readonly flows: readonly FlowView[];
  readonly outside: readonly OutsideView[];
  readonly lags: readonly LagView[];
  readonly sagas: readonly SagasView[];
  readonly deadLetters: ReadonlyArray<{ readonly topic: string; readonly letters: number }>;
  readonly faults: readonly FaultView[];
  readonly checks: readonly CheckView[];
  /** The reasons why something could not be read. */
  readonly unknown: readonly string[];
}

/**
 * The live state that every page follows. Until the first look at the system, it has only the jobs.
 */
export type OverviewState = Partial<Overview> & {
  /** The jobs that are running or have ended lately, the newest first. */
  readonly jobs: readonly JobView[];
};
