import {
  decideInPages,
  isAbsent,
  lettersOf,
  lettersPath,
  lettersPerRequest,
  OperationFailed,
  postDecision,
  readItems,
  reasonsPath,
  type LetterDecision,
  type OpsClient,
} from '@millrace/operations/client';
import type { LetterReasons, Outcomes } from '@millrace/operations/contract';
import { pause } from '@millrace/streaming-core/runtime';
import { askAll, askInTurn, findAtOperators, opsClients } from '../operators.ts';
import type { Call } from '../command/command.ts';
import { progressOn } from '../terminal/show.ts';
import { doing, nothingDecided, type DecisionRequest } from './decision-request.ts';

/**
 * Decides at one service after the other. A service that fails after some letters are decided is
 * reported, and its other letters stay open. Shows the progress in letters.
 */
export async function decideByFilter(
  call: Call,
  decision: LetterDecision,
  { filter = {}, reason, dryRun }: DecisionRequest,
): Promise<readonly Outcomes[]> {
  const { terminal, signal, clock } = call.session;
  const progress = progressOn(terminal, doing[decision]);
  const open = await askAll(call, (ops) => readItems<LetterReasons>(ops, reasonsPath));
  const total = lettersOf(open, filter);
  const perSecond = call.options.amount('rate') ?? Infinity;
  let done = 0;
  let begun = -Infinity;
  let notBefore = -Infinity;
  const mayContinue = async () => {
    await pause(clock, Math.max(0, notBefore - clock.monotonic()), signal);
    begun = clock.monotonic();
    return !signal.aborted;
  };
  const decideAt = async (ops: OpsClient): Promise<readonly Outcomes[]> => {
    const outcomes: Outcomes[] = [];
    try {
      const request = { filter, reason, dryRun, perSecond, mayContinue };
      for await (const page of decideInPages(ops, decision, request)) {
        notBefore = begun + (page.items.length / perSecond) * 1_000;
        done += page.items.length;
        progress.show(done, total);
        outcomes.push(page);
      }
    } catch (error) {
      if (done === 0 || !(error instanceof OperationFailed) || isAbsent(error)) throw error;
      call.incomplete(error.message);
    }
    const isDone = outcomes.at(-1)?.nextCursor === null;
    const decided = outcomes.map((page) => ({ ...page, more: false }));
    return isDone ? decided : [...decided, { ...nothingDecided, dryRun }];
  };
  try {
    return await askInTurn(call, decideAt);
  } finally {
    progress.end();
  }
}

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
  decision: LetterDecision,
  { ids = [], ...request }: DecisionRequest,
): Promise<readonly Outcomes[]> {
  const { terminal, signal } = call.session;
  const given = [...new Set(ids)];
  const pages = pagesOf(call, await findOwners(call, given));
  const progress = progressOn(terminal, doing[decision]);
  const outcomes: Outcomes[] = [];
  const left = { ...nothingDecided, dryRun: request.dryRun };
  let done = 0;
  try {
    for (const page of pages) {
      if (signal.aborted) return [...outcomes, left];
      const body = { ...request, ids: page.ids };
      const answer = await postDecision(page.ops, decision, body).catch((error: unknown) => {
        if (outcomes.length === 0 || !(error instanceof OperationFailed)) throw error;
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
      const { ops } = await findAtOperators(call, `dead letter ${id}`, (client) => client.get(path));
      byService.set(ops.service, [...(byService.get(ops.service) ?? []), id]);
      if (ids.length > lettersPerRequest) progress.show(number + 1, ids.length);
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
    const starts = ids.flatMap((_, index) => (index % lettersPerRequest === 0 ? [index] : []));
    return starts.map((start) => ({ ops, ids: ids.slice(start, start + lettersPerRequest) }));
  });
