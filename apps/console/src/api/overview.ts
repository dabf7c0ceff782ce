import type { JobView } from './jobs.ts';

/** One process of a service. */
export interface ProcessView {
  readonly process: string;
  readonly url: string;
  /** `ready`, `degraded`, `unhealthy`, `starting`, `draining`, `stopped` by an operator, or `no answer`. */
  readonly status: string;
  readonly roles: readonly string[];
  /** What fails or warns, as sentences. */
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
  /** Whether it has calls to systems outside. */
  readonly callsOutside: boolean;
  readonly liveSagas: number;
}

/** Messages that a service sends to a topic or reads from it, counted by its clients. */
export interface FlowView {
  readonly service: string;
  readonly topic: string;
  readonly direction: 'sends' | 'reads';
  /** How many since the processes started. */
  readonly total: number;
  /** The difference of two counts, per second. */
  readonly perSecond: number;
}

/** Calls of a service to a system outside. */
export interface OutsideView {
  readonly service: string;
  readonly kind: string;
  readonly pending: number;
  readonly oldestAgeSeconds: number;
}

/** How far a group is behind on a topic. */
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

/** Something that an entry of the runbook is about, as a red tile. */
export interface FaultView {
  /** The rule of Prometheus, which is also the heading of the entry. */
  readonly rule: string;
  /** Where it is, such as `group=order topic=payment-events`. */
  readonly place: string;
  /** How bad it is, as words. */
  readonly detail: string;
  /** ISO 8601, UTC; null if only the present moment is known. */
  readonly since: string | null;
}

/** Something that is always true of a system that works. */
export interface CheckView {
  readonly name: string;
  readonly holds: boolean;
  readonly detail: string;
  /** The page that shows the cause. */
  readonly page: string;
}

/** What the page `Overview` shows. */
export interface Overview {
  readonly services: readonly ServiceView[];
  readonly flows: readonly FlowView[];
  readonly outside: readonly OutsideView[];
  readonly lags: readonly LagView[];
  readonly sagas: readonly SagasView[];
  readonly deadLetters: ReadonlyArray<{ readonly topic: string; readonly letters: number }>;
  readonly faults: readonly FaultView[];
  readonly checks: readonly CheckView[];
  /** Why something could not be read. */
  readonly unknown: readonly string[];
}

/** What every page follows. Until the system was looked at, there are only the jobs. */
export type OverviewState = Partial<Overview> & {
  /** The acts on many things that run or have ended lately, the newest first. */
  readonly jobs: readonly JobView[];
};
