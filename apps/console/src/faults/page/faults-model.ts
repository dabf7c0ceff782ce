import type { Part } from '../../api/faults.ts';

export type Fault = 'kill' | 'pause' | 'resume';

/** Returns the faults that the state of a part allows. */
export function faultsOf({ state }: Part): readonly Fault[] {
  switch (state) {
    case 'running':
      return ['kill', 'pause'];
    case 'paused':
      return ['kill', 'resume'];
    case 'restarting':
    case 'stopped':
      return [];
  }
}

const seconds = (ms: number): string => `${Math.ceil(ms / 1_000)} s`;

/** Returns what happens to a part next, or an empty text if it simply continues. */
export function whatComes({ process, state, unansweredMs = 0, unansweredMsMax }: Part): string {
  if (state === 'stopped') return `until npm run millrace -- start ${process}`;
  if (state === 'restarting') return 'the supervisor starts it again';
  if (unansweredMs > 0) {
    const silence = `no answer for ${seconds(unansweredMs)}`;
    if (unansweredMsMax === undefined) return `${silence}, but never killed`;
    return `${silence}, killed in ${seconds(Math.max(0, unansweredMsMax - unansweredMs))}`;
  }
  if (state === 'running') return '';
  return unansweredMsMax === undefined
    ? 'until it is resumed'
    : `killed after ${seconds(unansweredMsMax)} without an answer`;
}

/** Returns the explanation that a person reads before the action. */
export function explanationOf(fault: Fault, { unansweredMsMax }: Part): string {
  switch (fault) {
    case 'kill':
      return 'It gets SIGKILL and ends in the middle of what it does. The supervisor starts it again.';
    case 'pause':
      return (
        'It gets SIGSTOP and does nothing more until it is resumed. ' +
        (unansweredMsMax === undefined
          ? 'The supervisor never kills it for that.'
          : `The supervisor kills it after ${seconds(unansweredMsMax)} without an answer, and starts it again.`)
      );
    case 'resume':
      return 'It gets SIGCONT and goes on where it was paused.';
  }
}

/** Returns how the last process of the part ended, in words. */
export const endInWords = ({ how, unansweredMs }: NonNullable<Part['lastEnd']>): string =>
  unansweredMs === undefined ? how : `${how}, silent for ${seconds(unansweredMs)}`;
