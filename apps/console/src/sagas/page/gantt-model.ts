import type { SagaView } from '@millrace/operations/contract';
import type { Tone } from '../../kit/status.tsx';
import { longestStretch, scaleOver, type Scale, type Stretch } from '../../kit/time-scale.ts';

type SagaEvent = SagaView['events'][number];

/** A command of the saga or one of its waits, as a bar over time. */
export interface Bar {
  readonly key: string;
  readonly label: string;
  readonly kind: 'step' | 'compensation' | 'closing' | 'wait' | 'delay';
  /** The start, in Unix milliseconds. */
  readonly from: number;
  /** The end; undefined while the bar is open. */
  readonly to: number | undefined;
  readonly tone: Tone;
  /** The times at which its command was sent again. */
  readonly ticks: readonly number[];
  /** The outcome, as a word. */
  readonly outcome: string;
}

/** A moment that concerns the whole saga. */
interface Mark {
  readonly at: number;
  readonly label: string;
  readonly tone: Tone;
}

export interface Gantt {
  readonly bars: readonly Bar[];
  readonly marks: readonly Mark[];
  /** The first and the last event, in milliseconds since the epoch. Undefined without any event. */
  readonly extent: { readonly from: number; readonly to: number } | undefined;
  /** The longest time without an event between them. */
  readonly longest: Stretch;
  /** Whether a bar is still open. */
  readonly isOpen: boolean;
}

/** The scale of a Gantt chart. */
export interface GanttScale extends Scale {
  readonly from: number;
  readonly to: number;
}

interface OpenBar extends Omit<Bar, 'to' | 'tone' | 'outcome' | 'ticks'> {
  to: number | undefined;
  tone: Tone;
  outcome: string;
  readonly ticks: number[];
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The events that concern the whole saga. */
const marked: Readonly<Record<string, readonly [Tone, label: (event: SagaEvent) => string]>> = {
  SagaStarted: ['running', () => 'started'],
  BranchTaken: ['idle', ({ branch, path }) => `${text(branch)}: ${text(path)}`],
  CompensationStarted: ['undoing', ({ reason }) => `compensates: ${text(reason)}`],
  CancellationRecorded: ['undoing', ({ reason }) => `cancelled: ${text(reason)}`],
  DeadlinePassed: ['failed', () => 'deadline passed'],
  AttentionNeeded: ['failed', () => 'needs attention'],
  OperatorActed: ['waiting', ({ actor, action }) => `${text(actor)}: ${text(action)}`],
  SagaCompleted: ['done', () => 'completed'],
  SagaCompensated: ['undoing', () => 'compensated'],
};

/** The events that end a bar, and how it ended. */
const ending: Readonly<Record<string, readonly [Tone, outcome: (event: SagaEvent) => string]>> = {
  CommandAccepted: ['done', () => 'accepted'],
  CommandRejected: ['failed', ({ reason }) => text(reason) || 'rejected'],
  StepTimedOut: ['failed', () => 'timed out'],
  MessageReceived: ['done', () => 'received'],
  MessageRefused: ['failed', ({ reason }) => text(reason) || 'refused'],
  WaitOver: ['idle', () => 'over'],
};

/** Folds the events of a saga into bars and marks. */
export function ganttOf(events: readonly SagaEvent[]): Gantt {
  const bars = new Map<string, OpenBar>();
  const marks: Mark[] = [];
  for (const event of events) applyEvent(event, bars, marks);
  const all = [...bars.values()];
  const moments = marks.map(({ at }) => at);
  for (const { from, to, ticks } of all) moments.push(from, to ?? from, ...ticks);
  const from = moments.reduce((least, each) => Math.min(least, each), Infinity);
  const to = moments.reduce((most, each) => Math.max(most, each), -Infinity);
  return {
    bars: all,
    marks,
    extent: moments.length === 0 ? undefined : { from, to },
    longest: longestStretch(moments),
    isOpen: all.some((bar) => bar.to === undefined),
  };
}

function applyEvent(event: SagaEvent, bars: Map<string, OpenBar>, marks: Mark[]): void {
  const { type, role, step, kind, wait, commandId } = event;
  const at = Date.parse(event.at);
  const isUndo = role === 'compensation';
  const key = wait === undefined ? `command ${text(commandId)}` : `wait ${text(wait)}`;
  const bar = bars.get(key);
  const begun = { key, from: at, to: undefined, ticks: [] };
  if (type === 'CommandSent') {
    const label = isUndo ? `undo ${text(step)}` : text(step);
    const tone = isUndo ? 'undoing' : 'running';
    bars.set(key, { ...begun, kind: role as Bar['kind'], label, tone, outcome: 'sent' });
  } else if (type === 'WaitStarted') {
    const label = text(wait);
    bars.set(key, { ...begun, kind: kind as Bar['kind'], label, tone: 'waiting', outcome: 'waits' });
  } else if (type === 'CommandResent') bar?.ticks.push(at);
  const mark = marked[type];
  if (mark !== undefined) marks.push({ at, tone: mark[0], label: mark[1](event) });
  const end = ending[type];
  if (bar === undefined || end === undefined) return;
  const isUndone = type === 'CommandAccepted' && bar.kind === 'compensation';
  bar.to ??= at;
  bar.tone = isUndone ? 'undoing' : end[0];
  bar.outcome = isUndone ? 'undone' : end[1](event);
}

/** Returns the scale of a Gantt chart. Open bars end at `now`. */
export function scaleOf({ extent, longest, isOpen }: Gantt, now: number): GanttScale {
  const { from, to: last } = extent ?? { from: now, to: now };
  const to = Math.max(isOpen ? now : last, last, from + 1);
  const stretch = to - last > longest.length ? { start: last, length: to - last } : longest;
  return { ...scaleOver(stretch, from, to), from, to };
}

/** More ticks than this cannot be distinguished on one bar. */
const ticksMax = 100;

/** Returns the places of a bar's ticks, without those that would overlap. */
export const ticksShown = ({ ticks }: Bar, { place }: Scale): readonly number[] => [
  ...new Map(ticks.map(place).map((at) => [Math.round(at * ticksMax), at])).values(),
];
