import {
  askReachable,
  decideInPages,
  isAbsent,
  OperationFailed,
  postDecision,
  type LetterDecision,
  type OpsClient,
} from '@millrace/operations/client';
import type { LetterFilter, Outcomes } from '@millrace/operations/contract';
import type { Decided, Outcome } from '../api/dead-letters.ts';
import type { Job, JobPage } from '../jobs/jobs.ts';
import type { Signed } from '../system/request-fields.ts';

export interface DecideMany extends Signed {
  readonly decision: LetterDecision;
  readonly perSecond?: number | undefined;
  readonly filter: LetterFilter;
  /** The number of letters that match the filter now, if known. */
  readonly total: number | undefined;
}

/**
 * Decides about every open letter that matches a filter, service by service. A service that fails
 * ends its own part, and the job fails once the others are done.
 */
export const decideMany = (services: readonly OpsClient[], order: DecideMany): Job => ({
  ...order,
  title: `${order.decision} dead letters${inWords(order.filter)}`,
  async *pages() {
    const { decision, filter, reason, perSecond } = order;
    const failures: string[] = [];
    const request = { filter, reason, perSecond, dryRun: false };
    for (const ops of services)
      try {
        for await (const page of decideInPages(ops, decision, request)) yield jobPageOf(page);
      } catch (error) {
        if (!(error instanceof OperationFailed)) throw error;
        if (!isAbsent(error)) failures.push(error.message);
      }
    if (failures.length > 0) throw new OperationFailed(failures.join('; '));
  },
});

function inWords(filter: LetterFilter): string {
  const given = Object.entries(filter).filter(([, text]) => text !== undefined);
  return given.length === 0 ? '' : ` with ${given.map(([name, text]) => `${name} ${text}`).join(', ')}`;
}

function jobPageOf({ items }: Outcomes): JobPage {
  const refused = items.filter(({ outcome }) => outcome !== 'redriven' && outcome !== 'discarded');
  return {
    acted: items.length - refused.length,
    refused: refused.map(({ id, outcome }) => `${id}: ${outcome.replaceAll('_', ' ')}`),
  };
}

/** The number of each service's letters that a dry run reads; one request takes no more. */
const triedMax = 500;
const dryRun = { dryRun: true, reason: 'dry run' };

/** Returns the outcome that a decision about a filter's letters would have, and changes nothing. */
export async function tryMany(
  services: readonly OpsClient[],
  decision: LetterDecision,
  filter: LetterFilter,
): Promise<Decided> {
  const order = { filter, limit: triedMax, ...dryRun };
  const { found, missing } = await askReachable(services, (ops) => postDecision(ops, decision, order));
  if (found.length === 0 && missing[0] !== undefined) throw new OperationFailed(missing[0]);
  const decided = decidedOf(found.map(({ body }) => body));
  return { ...decided, more: decided.more || missing.length > 0 };
}

interface DecideOne {
  readonly id: string;
  readonly value?: object | undefined;
  readonly reason?: string | undefined;
}

/** Decides about one letter. Without a reason it only returns the outcome that this would have. */
export async function decideOne(
  ops: OpsClient,
  decision: LetterDecision,
  { id, value, reason }: DecideOne,
): Promise<Decided> {
  const how = reason === undefined ? dryRun : { dryRun: false, reason };
  return decidedOf([(await postDecision(ops, decision, { ids: [id], value, ...how })).body]);
}

function decidedOf(pages: readonly Outcomes[]): Decided {
  const counts = new Map<Outcome['outcome'], number>();
  for (const { outcome } of pages.flatMap(({ items }) => items))
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return {
    outcomes: [...counts].map(([outcome, letters]) => ({ outcome, letters })),
    edited: pages.flatMap(({ edited }) => edited),
    more: pages.some(({ more }) => more),
  };
}
