import type { Call } from '../command/command.ts';
import { CommandFailed } from '../command/failures.ts';
import { findOwner, opsClients } from '../ops/find-services.ts';
import type { OpsClient } from '../ops/ops-client.ts';
import { progressOn } from '../terminal/progress.ts';
import { doing, nothingDecided, perRequest, postOrder, type Decision, type Order } from './letter-order.ts';
import { lettersPath, type Outcomes } from './letter-views.ts';

/** The letters of one request. */
interface Page {
  readonly ops: OpsClient;
  readonly ids: readonly string[];
}

/**
 * Finds the service that has each letter before it decides about the first, and rejects if none has
 * it. Then it sends the ids page by page, each under an idempotency key of its own. A page that fails
 * after others were decided is reported, and the letters from there on stay open.
 */
export async function decideById(
  call: Call,
  decision: Decision,
  { ids = [], ...order }: Order,
): Promise<readonly Outcomes[]> {
  const { terminal, signal } = call.session;
  const given = [...new Set(ids)];
  const pages = pagesOf(call, await findOwners(call, given));
  const progress = progressOn(terminal, doing[decision]);
  const outcomes: Outcomes[] = [];
  const left = { ...nothingDecided, dryRun: order.dryRun };
  let done = 0;
  try {
    for (const page of pages) {
      if (signal.aborted) return [...outcomes, left];
      const body = { ...order, ids: page.ids };
      const answer = await postOrder(page.ops, decision, body).catch((error: unknown) => {
        if (outcomes.length === 0 || !(error instanceof CommandFailed)) throw error;
        call.incomplete(error.message);
        return undefined;
      });
      if (answer === undefined) return [...outcomes, left];
      outcomes.push(answer.body);
      done += page.ids.length;
      progress.show(done, given.length);
    }
    return outcomes;
  } finally {
    progress.end();
  }
}

/** Returns the ids that each service has. Ctrl-C ends the search, and then nothing is found. */
async function findOwners(
  call: Call,
  ids: readonly string[],
): Promise<ReadonlyMap<OpsClient['service'], readonly string[]>> {
  const { terminal, signal } = call.session;
  const progress = progressOn(terminal, 'looking for the letters');
  const byService = new Map<OpsClient['service'], string[]>();
  try {
    for (const [number, id] of ids.entries()) {
      if (signal.aborted) return new Map();
      const path = `${lettersPath}/${encodeURIComponent(id)}`;
      const { ops } = await findOwner(call, `dead letter ${id}`, (client) => client.get(path));
      byService.set(ops.service, [...(byService.get(ops.service) ?? []), id]);
      if (ids.length > perRequest) progress.show(number + 1, ids.length);
    }
    return byService;
  } finally {
    progress.end();
  }
}

const pagesOf = (
  call: Call,
  byService: ReadonlyMap<OpsClient['service'], readonly string[]>,
): readonly Page[] =>
  opsClients(call).flatMap((ops) => {
    const ids = byService.get(ops.service) ?? [];
    const starts = ids.flatMap((_, index) => (index % perRequest === 0 ? [index] : []));
    return starts.map((start) => ({ ops, ids: ids.slice(start, start + perRequest) }));
  });
