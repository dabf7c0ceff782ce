import { channel } from 'node:diagnostics_channel';
import type { DurationMs } from '@millrace/streaming-core/runtime';
import { isLive } from '../decision/state.ts';
import type { SagaChanged } from './take-input.ts';

/** On `millrace.saga.started`. */
export interface SagaStarted {
  readonly definition: string;
}

/** On `millrace.saga.ended`. */
export interface SagaEnded {
  readonly definition: string;
  readonly outcome: 'completed' | 'compensated';
  readonly durationMs: DurationMs;
}

const started = channel('millrace.saga.started');
const ended = channel('millrace.saga.ended');

/** Tells of a saga's beginning and end. Only a message begins or ends one, no timer; of a process that dies right after its commit nobody hears. */
export function reportLifecycle({ before, after }: SagaChanged, nowMs: number): void {
  const { definition, status, startedAt } = after;
  if (before.status === 'absent') started.publish({ definition } satisfies SagaStarted);
  if (!isLive(before) || (status !== 'completed' && status !== 'compensated')) return;
  const durationMs = Math.max(0, nowMs - Date.parse(startedAt));
  ended.publish({ definition, outcome: status, durationMs } satisfies SagaEnded);
}
