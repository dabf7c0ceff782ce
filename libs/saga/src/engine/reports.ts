import { channel } from 'node:diagnostics_channel';
import type { DurationMs } from '@millrace/streaming-core/runtime';
import type { Role } from '../decision/events.ts';
import { exchangesOf, isLive } from '../decision/state.ts';
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

/** The report on the channel `millrace.saga.replied`: a command of a saga has its first reply. */
export interface SagaReplied {
  readonly definition: string;
  /** The name of the step; `(closing)` for the closing command. */
  readonly step: string;
  readonly role: Role;
  /** The time from the first sending to the reply. */
  readonly durationMs: DurationMs;
}

/** The report on the channel `millrace.saga.resent`: a saga has sent a command again. */
export interface SagaResent {
  readonly definition: string;
  readonly step: string;
  readonly role: Role;
}

const sagaStarted = channel('millrace.saga.started');
const sagaEnded = channel('millrace.saga.ended');
const sagaReplied = channel('millrace.saga.replied');
const sagaResent = channel('millrace.saga.resent');

/**
 * Reports that a saga has started or ended, and which of its commands were answered or sent again. A
 * process that dies right after its commit reports nothing.
 */
export function reportLifecycle(change: SagaChanged, nowMs: number): void {
  const { before, after } = change;
  reportCommands(change);
  const { definition, status, startedAt } = after;
  if (before.status === 'absent') sagaStarted.publish({ definition } satisfies SagaStarted);
  if (!isLive(before) || (status !== 'completed' && status !== 'compensated')) return;
  const durationMs = Math.max(0, nowMs - Date.parse(startedAt));
  sagaEnded.publish({ definition, outcome: status, durationMs } satisfies SagaEnded);
}

function reportCommands({ before, after }: SagaChanged): void {
  // A saga that started locally is reported when its start message arrives, whatever it has done since.
  if (before.status === 'absent' || !(sagaReplied.hasSubscribers || sagaResent.hasSubscribers)) return;
  const { definition } = after;
  const former = new Map(exchangesOf(before).map(({ exchange }) => [exchange.commandId, exchange]));
  for (const { step, role, exchange } of exchangesOf(after)) {
    const { commandId, sentAt, repliedAt, attempts } = exchange;
    const was = former.get(commandId);
    if (was !== undefined && attempts > was.attempts)
      sagaResent.publish({ definition, step, role } satisfies SagaResent);
    if (repliedAt === undefined || was?.repliedAt !== undefined) continue;
    const durationMs = Math.max(0, Date.parse(repliedAt) - Date.parse(sentAt));
    sagaReplied.publish({ definition, step, role, durationMs } satisfies SagaReplied);
  }
}
