import type { OpsAnswer, OpsClient } from '../ops/ops-client.ts';
import type { LetterFilter } from './letter-filter.ts';
import { lettersPath, type Outcomes } from './letter-views.ts';

export type Decision = 'redrive' | 'discard';

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
