import type { SagaView } from '@millrace/operations/contract';
import type { Tone } from '../../kit/status.tsx';
import { longestStretch, scaleOver, type Scale, type Stretch } from '../../kit/time-scale.ts';

type SagaEvent = SagaView['events'][number];

/** A command of the saga, or something that it waits for, as a bar over time. */
export interface Bar {
  readonly key: string;
  readonly label: string;
  readonly kind: 'step' | 'compensation' | 'closing' | 'wait' | 'delay';
  /** In milliseconds since the epoch. */
  readonly from: number;
  /** Undefined while it lasts. */
  readonly to: number | undefined;
  readonly tone: Tone;
  /** When its command was sent again. */
  readonly ticks: readonly number[];
  /** How it ended, as a word. */
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
  /** The longest time without any event between them. */
  readonly longest: Stretch;
  /** Whether a bar still lasts. */
  readonly isOpen: boolean;
}

/** What a Gantt is drawn on. */
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
  const at = Date.parse(event.at);
  const end = (key: string, tone: Tone, outcome: string) => {
    const bar = bars.get(key);
    if (bar === undefined) return;
    bar.to ??= at;
    bar.tone = tone;
    bar.outcome = outcome;
  };
  const mark = (label: string, tone: Tone) => marks.push({ at, label, tone });
  const command = `command ${text(event['commandId'])}`;
  const wait = `wait ${text(event['wait'])}`;
  switch (event.type) {
    case 'SagaStarted':
      return void mark('started', 'running');
    case 'CommandSent': {
      const kind = event['role'] as Bar['kind'];
      const step = text(event['step']);
      const label = kind === 'compensation' ? `undo ${step}` : step;
      const tone = kind === 'compensation' ? 'undoing' : 'running';
      return void bars.set(command, {
        key: command,
        label,
        kind,
        from: at,
        to: undefined,
        tone,
        ticks: [],
        outcome: 'sent',
      });
    }
    case 'CommandResent':
      return void bars.get(command)?.ticks.push(at);
    case 'CommandAccepted':
      return bars.get(command)?.kind === 'compensation'
        ? end(command, 'undoing', 'undone')
        : end(command, 'done', 'accepted');
    case 'CommandRejected':
      return end(command, 'failed', text(event['reason']) || 'rejected');
    case 'StepTimedOut':
      return end(command, 'failed', 'timed out');
    case 'WaitStarted': {
      const kind = event['kind'] as Bar['kind'];
      const label = text(event['wait']);
      return void bars.set(wait, {
        key: wait,
        label,
        kind,
        from: at,
        to: undefined,
        tone: 'waiting',
        ticks: [],
        outcome: 'waits',
      });
    }
    case 'MessageReceived':
      return end(wait, 'done', 'received');
    case 'MessageRefused':
      return end(wait, 'failed', text(event['reason']) || 'refused');
    case 'WaitOver':
      return end(wait, 'idle', 'over');
    case 'BranchTaken':
      return void mark(`${text(event['branch'])}: ${text(event['path'])}`, 'idle');
    case 'CompensationStarted':
      return void mark(`compensates: ${text(event['reason'])}`, 'undoing');
    case 'CancellationRecorded':
      return void mark(`cancelled: ${text(event['reason'])}`, 'undoing');
    case 'DeadlinePassed':
      return void mark('deadline passed', 'failed');
    case 'AttentionNeeded':
      return void mark('needs attention', 'failed');
    case 'OperatorActed':
      return void mark(`${text(event['actor'])}: ${text(event['action'])}`, 'waiting');
    case 'SagaCompleted':
      return void mark('completed', 'done');
    case 'SagaCompensated':
      return void mark('compensated', 'undoing');
  }
}

/** The scale on which a Gantt is drawn. What still lasts ends at `now`. */
export function scaleOf({ extent, longest, isOpen }: Gantt, now: number): GanttScale {
  const { from, to: last } = extent ?? { from: now, to: now };
  const to = Math.max(isOpen ? now : last, last, from + 1);
  const stretch = to - last > longest.length ? { start: last, length: to - last } : longest;
  return { ...scaleOver(stretch, from, to), from, to };
}

/** No more ticks than this can be told apart on one bar. */
const ticksMax = 100;

/** The places of the ticks of a bar, without those that would be drawn over another one. */
export const ticksShown = ({ ticks }: Bar, { place }: Scale): readonly number[] => [
  ...new Map(ticks.map(place).map((at) => [Math.round(at * ticksMax), at])).values(),
];
