import { words } from './words.ts';

/** The few colours of the console, each with one meaning everywhere, and a sign beside it. */
export type Tone = 'running' | 'waiting' | 'undoing' | 'done' | 'failed' | 'idle';

const tones: Readonly<Record<string, Tone>> = {
  ready: 'done',
  degraded: 'waiting',
  unhealthy: 'failed',
  starting: 'waiting',
  draining: 'waiting',
  stopped: 'idle',
  'no answer': 'failed',
  created: 'waiting',
  rebalancing: 'waiting',
  restoring: 'waiting',
  running: 'running',
  closed: 'idle',
  failed: 'failed',
  closing: 'running',
  compensating: 'undoing',
  completed: 'done',
  compensated: 'undoing',
  needs_attention: 'failed',
  paused: 'waiting',
  restarting: 'waiting',
  unassigned: 'waiting',
  silent: 'failed',
  pending: 'idle',
  withheld: 'waiting',
  sent: 'running',
  accepted: 'done',
  rejected: 'failed',
  timed_out: 'failed',
  open: 'waiting',
  received: 'done',
  refused: 'failed',
  over: 'idle',
  cancelled: 'undoing',
  returned: 'undoing',
  redriven: 'done',
  discarded: 'idle',
  given_up: 'failed',
  parked: 'waiting',
  committed: 'done',
  aborted: 'failed',
  commit_marker: 'done',
  abort_marker: 'failed',
  in_use: 'done',
  rebuilding: 'running',
  Stable: 'done',
  Empty: 'idle',
  PreparingRebalance: 'waiting',
  CompletingRebalance: 'waiting',
  Dead: 'failed',
};

export const toneOf = (status: string): Tone => tones[status] ?? 'idle';

const signs: Readonly<Record<Tone, string>> = {
  running: 'M8 3.5v4.5l3 2',
  waiting: 'M6 4.5v7M10 4.5v7',
  undoing: 'M6 4.5 3 7.5l3 3M3.2 7.5H10a2.8 2.8 0 0 1 0 5.6',
  done: 'M4 8.5l2.8 2.8L12 5',
  failed: 'M4.5 4.5l7 7M11.5 4.5l-7 7',
  idle: 'M5 8h6',
};

export function Sign({ tone }: { readonly tone: Tone }) {
  return (
    <svg class={`sign ${tone}`} viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
      <path d={signs[tone]} />
    </svg>
  );
}

export function Status({ of: status }: { readonly of: string }) {
  const tone = toneOf(status);
  return (
    <span class={`status ${tone}`}>
      <Sign tone={tone} />
      {words(status)}
    </span>
  );
}
