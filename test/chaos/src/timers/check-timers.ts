import { Deadlines, firstIndex } from './deadline.ts';
import type { Span, TimerChange, TimerHistory } from './history.ts';

export interface TimerViolation {
  readonly kind: 'timer_late' | 'timer_moved' | 'timer_overtook_reply' | 'timer_left';
  readonly subject: string;
  readonly detail: string;
}

export interface TimerFigures {
  readonly fired: number;
  /** How often a timer was granted its timeout again, after it came due without an owner or a log. */
  readonly moved: number;
  /** The time from the moment at which a timer came due and had an owner until it fired. */
  readonly medianMs: number;
  readonly worstMs: number;
  /** The longest time that a timer took once it had nothing left to wait for; the bound limits it. */
  readonly worstOnceReadyMs: number;
}

/** One due time of a timer, until the timer fired, was moved, or its reply was handled. */
interface Wait extends Omit<TimerChange, 'dueMs' | 'atMs'>, Span {
  readonly dueMs: number;
  readonly ending: 'fired' | 'moved' | 'answered' | 'left';
}

const startTopic = 'order-events';
/** How long a partition may lack an owner before it is taken again: the session of a group member. */
const sessionMs = 6_000;
/** How long before the due time the reason for a move may have ended. */
const moveReasonMs = 10_000;

/**
 * Finds every timer that was late, was moved without a reason, or overtook a reply that was on the
 * log when the timer came due.
 *
 * A timer is late when its wait went on after its deadline (see `Deadlines`). The count starts when
 * the timer was due and its partition had an owner. The check also blames an owner that was replaced
 * later, if the deadline had passed before any process of the service was harmed and before the owner
 * can have given up the partition.
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

/** The periods in which the timer was due and the partition had one and the same owner. */
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
    const facts =
      `it came due at ${clockTime(wait.dueMs)}; counted from ${clockTime(fromMs)}, ` +
      `its deadline was ${clockTime(deadlineMs)}, and it ended at ${clockTime(toMs)} (${wait.ending})`;
    return [violation('timer_late', wait, facts)];
  });
}

/** A move is legitimate only if the partition changed hands or an outage may have held back replies. */
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
      `it came due at ${clockTime(wait.dueMs)} and was moved at ${clockTime(wait.toMs)}, ` +
        'although its partition kept its owner and there was no outage',
    ),
  ];
}

function overtaking(wait: Wait, { replies, samples }: TimerHistory): readonly TimerViolation[] {
  if (wait.ending !== 'fired') return [];
  return replies
    .filter(({ to }) => to === wait.awaits)
    .flatMap(({ place, offset }) => {
      const seen = samples[firstIndex(samples, ({ ends }) => (ends.get(place) ?? 0) > offset)];
      if (seen === undefined || seen.toMs > wait.dueMs) return [];
      const facts =
        `it fired at ${clockTime(wait.toMs)}, although its reply, offset ${offset} of ${place}, ` +
        `stood on the log at ${clockTime(seen.toMs)}, before it came due at ${clockTime(wait.dueMs)}`;
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
