import type { OpsAnswer, OpsClient } from '../ops/ops-client.ts';
import type { LetterFilter } from './letter-filter.ts';
import { lettersPath, type Outcomes } from './letter-views.ts';

export type Decision = 'redrive' | 'discard';

export const doing = { redrive: 'redriving', discard: 'discarding' } as const;

/** The letters that one request decides about. The operator API takes at most 500. */
export const perRequest = 100;

/** What an operator orders about letters, by their ids or by a filter. */
export interface Order {
  readonly ids?: readonly string[];
  readonly filter?: LetterFilter;
  readonly reason: string;
  readonly dryRun: boolean;
  readonly value?: unknown;
}

export const postOrder = (ops: OpsClient, decision: Decision, body: object): Promise<OpsAnswer<Outcomes>> =>
  ops.post<Outcomes>(`${lettersPath}/${decision}`, { body });

/** Stands for the letters that Ctrl-C or a failure has left open. */
export const nothingDecided = {
  redriven: 0,
  discarded: 0,
  refused: 0,
  edited: [],
  items: [],
  more: true,
  nextCursor: null,
};
