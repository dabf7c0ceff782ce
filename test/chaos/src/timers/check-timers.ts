import { Deadlines, firstIndex } from './deadline.ts';
import type { Span, TimerChange, TimerHistory } from './history.ts';

export interface TimerViolation {
  readonly kind: 'timer_late' | 'timer_moved' | 'timer_overtook_reply' | 'timer_left';
  readonly subject: string;
  readonly detail: string;
}

export interface TimerFigures {
  readonly fired: number;
  /** Timers that came due while their partition had no owner or the log was away: they were granted their timeout again. */
  readonly moved: number;
  /** From the moment at which a timer came due and its partition had an owner, until it fired. */
  readonly medianMs: number;
  readonly worstMs: number;
  /** At worst, from the moment at which everything was handled that the timer had to wait for: what the bound limits. */
  readonly worstOnceReadyMs: number;
}

/** A due time of a timer, until the timer fired, was moved, or its answer came. */
interface Wait extends Omit<TimerChange, 'dueMs' | 'atMs'>, Span {
  readonly dueMs: number;
  readonly ending: 'fired' | 'moved' | 'answered' | 'left';
}

const startTopic = 'order-events';
/** How long a partition may be without an owner before the next one takes it: the session of a member of the group. */
const sessionMs = 6_000;
/** How far back the reason for a move may lie: an outage that has just ended, and the session of the owner before. */
const moveReasonMs = 10_000;

/**
 * Every timer that fired late, was moved without a reason, or overtook an answer that stood on the log when the timer came due.
 *
 * A wait is late when it went on after its deadline (see `Deadlines`). The time counts from the moment at which the timer came
 * due and its partition had an owner. An owner that was replaced later has to have fired the timer as well, if its deadline
 * was before any process of the service was harmed and before the partition can have been given up.
 */
export function checkTimers(history: TimerHistory, endMs: number): readonly TimerViolation[] {
  const deadlines = new Deadlines(history);
  return waitsOf(history, endMs).flatMap((wait) => [
    ...late(wait, deadlines, history),
    ...movedForNothing(wait, deadlines, history),
    ...overtaking(wait, history),
    ...(wait.ending === 'left'
      ? [violation('timer_left', wait, 'it is still there, although every saga has ended')]
      : []),
  ]);
}

export function timerFigures(history: TimerHistory, endMs: number): TimerFigures {
  const deadlines = new Deadlines(history);
  const waits = waitsOf(history, endMs);
  const starts = waits
    .filter(({ ending }) => ending === 'fired')
    .map((wait) => ({ wait, fromMs: reignsOver(wait, deadlines, history).at(-1)?.fromMs ?? wait.dueMs }));
  const fired = starts.map(({ wait, fromMs }) => wait.toMs - fromMs).sort((one, other) => one - other);
  const onceReady = starts.map(
    ({ wait, fromMs }) => wait.toMs - deadlines.of(fromMs, wait.partition).readyMs,
  );
  return {
    fired: fired.length,
    moved: waits.filter(({ ending }) => ending === 'moved').length,
    medianMs: Math.round(fired[fired.length >> 1] ?? 0),
    worstMs: Math.round(fired.at(-1) ?? 0),
    worstOnceReadyMs: Math.round(Math.max(0, ...onceReady)),
  };
}

function waitsOf({ timers, fired }: TimerHistory, endMs: number): readonly Wait[] {
  const byToken = new Map<string, TimerChange[]>();
  for (const change of timers) {
    const changes = byToken.get(change.token) ?? [];
    changes.push(change);
    byToken.set(change.token, changes);
  }
  return [...byToken].flatMap(([token, changes]) =>
    changes.flatMap(({ dueMs, atMs, ...timer }, index) => {
      if (dueMs === undefined) return [];
      const next = changes[index + 1];
      const over = fired.has(token) ? ('fired' as const) : ('answered' as const);
      const ending =
        next === undefined ? ('left' as const) : next.dueMs === undefined ? over : ('moved' as const);
      return [{ ...timer, dueMs, fromMs: atMs, toMs: next?.atMs ?? endMs, ending }];
    }),
  );
}

/** The times in which the partition had one owner and the timer was due. */
function reignsOver(wait: Wait, deadlines: Deadlines, { ownerFaultsMs }: TimerHistory): readonly Span[] {
  const { partition, dueMs, toMs } = wait;
  const taken = deadlines.takenAt(startTopic, partition).filter((atMs) => atMs <= toMs);
  const spans = taken.map((fromMs, index) => ({ fromMs, toMs: taken[index + 1] }));
  return spans
    .filter((span) => span.toMs === undefined || span.toMs > dueMs)
    .map((span) => {
      const fromMs = Math.max(dueMs, span.fromMs);
      if (span.toMs === undefined) return { fromMs, toMs };
      const harmed = ownerFaultsMs[firstIndex(ownerFaultsMs, (atMs) => atMs >= span.fromMs)] ?? Infinity;
      return { fromMs, toMs: Math.min(harmed, span.toMs - sessionMs) };
    });
}

function late(wait: Wait, deadlines: Deadlines, history: TimerHistory): readonly TimerViolation[] {
  if (wait.toMs <= wait.dueMs) return [];
  return reignsOver(wait, deadlines, history).flatMap(({ fromMs, toMs }) => {
    const { deadlineMs } = deadlines.of(fromMs, wait.partition);
    if (toMs <= deadlineMs) return [];
    const facts = `it came due at ${clockTime(wait.dueMs)}; counted from ${clockTime(fromMs)}, its deadline was ${clockTime(deadlineMs)}, and it ended at ${clockTime(toMs)} (${wait.ending})`;
    return [violation('timer_late', wait, facts)];
  });
}

/** A timer gets its timeout again only where its partition changed hands or the log was away, so that answers may be missing. */
function movedForNothing(
  wait: Wait,
  deadlines: Deadlines,
  { outages }: TimerHistory,
): readonly TimerViolation[] {
  if (wait.ending !== 'moved') return [];
  const sinceMs = wait.dueMs - moveReasonMs;
  const changedHands = deadlines
    .takenAt(startTopic, wait.partition)
    .some((atMs) => atMs > sinceMs && atMs <= wait.toMs);
  const wasAway = outages.some(({ fromMs, toMs }) => fromMs < wait.toMs && toMs > sinceMs);
  if (changedHands || wasAway) return [];
  return [
    violation(
      'timer_moved',
      wait,
      `it came due at ${clockTime(wait.dueMs)} and was moved at ${clockTime(wait.toMs)}, although its partition kept its owner and the log was there`,
    ),
  ];
}

function overtaking(wait: Wait, { replies, samples }: TimerHistory): readonly TimerViolation[] {
  if (wait.ending !== 'fired') return [];
  const commandId = wait.token.slice(0, wait.token.lastIndexOf(':'));
  return replies
    .filter((reply) => reply.commandId === commandId)
    .flatMap(({ place, offset }) => {
      const seen = samples[firstIndex(samples, ({ ends }) => (ends.get(place) ?? 0) > offset)];
      if (seen === undefined || seen.toMs > wait.dueMs) return [];
      const facts = `it fired at ${clockTime(wait.toMs)}, although its answer, offset ${offset} of ${place}, stood on the log at ${clockTime(seen.toMs)}, before it came due at ${clockTime(wait.dueMs)}`;
      return [violation('timer_overtook_reply', wait, facts)];
    });
}

const violation = (
  kind: TimerViolation['kind'],
  { sagaId, step, token }: Wait,
  detail: string,
): TimerViolation => ({
  kind,
  subject: `order ${sagaId}`,
  detail: `timer ${token} of step ${step}: ${detail}`,
});

const clockTime = (ms: number): string =>
  Number.isFinite(ms) ? new Date(ms).toISOString().slice(11, 23) : 'never';
