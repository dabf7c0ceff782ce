import { tracingChannel } from 'node:diagnostics_channel';
import type { CommitOperation, PollOperation, ProcessOperation, SendOperation } from './operation-reports.ts';

interface Operations {
  readonly send: SendOperation;
  readonly poll: PollOperation;
  readonly process: ProcessOperation;
  readonly commit: CommitOperation;
}

/** Collects the operations of one kind that have ended. `onStart` is called when one begins. */
export function watchOperations<Name extends keyof Operations>(
  name: Name,
  onStart: (operation: Operations[Name]) => void = () => undefined,
) {
  const { start, asyncEnd } = tracingChannel<unknown, Operations[Name]>(`millrace.client.${name}`);
  const ended: Operations[Name][] = [];
  const begin = (operation: unknown) => onStart(operation as Operations[Name]);
  const end = (operation: unknown) => void ended.push(operation as Operations[Name]);
  start.subscribe(begin);
  asyncEnd.subscribe(end);
  return {
    ended,
    stop() {
      start.unsubscribe(begin);
      asyncEnd.unsubscribe(end);
    },
  };
}
