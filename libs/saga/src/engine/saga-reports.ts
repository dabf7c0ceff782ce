import { channel } from 'node:diagnostics_channel';
import type { DurationMs } from '@millrace/streaming-core/runtime';
import { isLive } from '../decision/state.ts';
import type { SagaChanged } from './take-input.ts';

/** The report on the channel `millrace.saga.started`. */
export interface SagaStarted {
  readonly definition: string;
}

/** The report on the channel `millrace.saga.ended`. */
export interface SagaEnded {
  readonly definition: string;
  readonly outcome: 'completed' | 'compensated';
  readonly durationMs: DurationMs;
}

const started = channel('millrace.saga.started');
const ended = channel('millrace.saga.ended');

/**
 * Reports that a saga has started or ended. Only a message starts or ends a saga, never a timer. A
 * process that dies right after its commit reports nothing.
 */
export function reportLifecycle({ before, after }: SagaChanged, nowMs: number): void {
  const { definition, status, startedAt } = after;
  if (before.status === 'absent') started.publish({ definition } satisfies SagaStarted);
  if (!isLive(before) || (status !== 'completed' && status !== 'compensated')) return;
  const durationMs = Math.max(0, nowMs - Date.parse(startedAt));
  ended.publish({ definition, outcome: status, durationMs } satisfies SagaEnded);
}
