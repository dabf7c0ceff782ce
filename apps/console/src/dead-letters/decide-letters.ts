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

export interface DecideMany {
  readonly decision: LetterDecision;
  readonly actor: string;
  readonly reason: string;
  readonly perSecond?: number | undefined;
  readonly filter: LetterFilter;
  /** How many letters the filter has now, if somebody has counted them. */
  readonly total: number | undefined;
}

/**
 * Decides about every open letter of a filter, one service after the other. A service that fails ends
 * its own part; the job fails once the others are done.
 */
export const decideMany = (services: readonly OpsClient[], order: DecideMany): Job => ({
  title: `${order.decision} dead letters${inWords(order.filter)}`,
  actor: order.actor,
  reason: order.reason,
  total: order.total,
  perSecond: order.perSecond,
  async *pages() {
    const failures: string[] = [];
    const { decision, filter, reason, perSecond } = order;
    for (const ops of services)
      try {
        const request = { filter, reason, perSecond, dryRun: false };
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

const isDone = (outcome: Outcome): boolean => outcome === 'redriven' || outcome === 'discarded';

function jobPageOf({ items }: Outcomes): JobPage {
  const refused = items.filter(({ outcome }) => !isDone(outcome));
  return {
    acted: items.length - refused.length,
    refused: refused.map(({ id, outcome }) => `${id}: ${outcome.replaceAll('_', ' ')}`),
  };
}

/** The letters of each service at which a dry run looks; one request takes no more. */
const triedMax = 500;
const reason = 'dry run';

/** Says what would become of the letters of a filter, and does nothing. */
export async function tryMany(
  services: readonly OpsClient[],
  decision: LetterDecision,
  filter: LetterFilter,
): Promise<Decided> {
  const order = { filter, reason, dryRun: true, limit: triedMax };
  const { found, missing } = await askReachable(services, (ops) => postDecision(ops, decision, order));
  if (found.length === 0 && missing[0] !== undefined) throw new OperationFailed(missing[0]);
  const { more, ...decided } = decidedOf(found.map(({ body }) => body));
  return { ...decided, more: more || missing.length > 0 };
}

export interface DecideOne {
  readonly id: string;
  readonly value?: object | undefined;
  readonly reason?: string | undefined;
}

/** Decides about one letter, or without a reason only says what would become of it. */
export async function decideOne(
  ops: OpsClient,
  decision: LetterDecision,
  { id, value, reason: given }: DecideOne,
): Promise<Decided> {
  const order = { ids: [id], value, reason: given ?? reason, dryRun: given === undefined };
  return decidedOf([(await postDecision(ops, decision, order)).body]);
}

function decidedOf(pages: readonly Outcomes[]): Decided {
  const counts = new Map<Outcome, number>();
  for (const { outcome } of pages.flatMap(({ items }) => items))
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return {
    outcomes: [...counts].map(([outcome, letters]) => ({ outcome, letters })),
    edited: pages.flatMap(({ edited }) => edited),
    more: pages.some(({ more }) => more),
  };
}
