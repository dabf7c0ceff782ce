import { OperationFailed, readItems, OpsRefusal, type OpsClient } from '@millrace/operations/client';
import type { LetterReasons, Outcomes } from '@millrace/operations/contract';
import { pause } from '@millrace/streaming-core/runtime';
import { askAll, askInTurn, findAtOperators, opsClients } from '../operators.ts';
import type { Call } from '../command/command.ts';
import { progressOn } from '../terminal/show.ts';
import {
  reasonsPath,
  lettersPath,
  doing,
  nothingDecided,
  perRequest,
  postDecision,
  type Decision,
  type DecisionRequest,
} from './decision-request.ts';

/**
 * Repeats the request at one service after the other, each time behind the letters of the answer before,
 * so refused letters hold up nothing. A service that fails after some letters are decided is reported,
 * and its other letters stay open. Shows the progress in letters. The services do not count letters by
 * key, so with `--key` the total is too high.
 */
export async function decideByFilter(
  call: Call,
  decision: Decision,
  request: DecisionRequest,
): Promise<readonly Outcomes[]> {
  const { terminal, signal, clock } = call.session;
  const progress = progressOn(terminal, doing[decision]);
  const total = await countOpen(call, request);
  const rate = call.options.amount('rate') ?? Infinity;
  const limit = Math.min(perRequest, Math.max(1, Math.floor(rate)));
  let done = 0;
  let notBefore = -Infinity;
  const decidePage = async (ops: OpsClient, after: string | undefined): Promise<Outcomes | undefined> => {
    await pause(clock, Math.max(0, notBefore - clock.monotonic()), signal);
    if (signal.aborted) return undefined;
    const begun = clock.monotonic();
    const { body } = await postDecision(ops, decision, { ...request, limit, after });
    notBefore = begun + (body.items.length / rate) * 1_000;
    done += body.items.length;
    progress.show(done, total);
    return body;
  };
  const decidePages = async (ops: OpsClient): Promise<readonly Outcomes[]> => {
    const outcomes: Outcomes[] = [];
    let after: string | null | undefined;
    while (after !== null) {
      const page = await decidePage(ops, after).catch((error: unknown) => {
        if (done === 0 || !(error instanceof OperationFailed) || isAbsent(error)) throw error;
        call.incomplete(error.message);
        return undefined;
      });
      if (page === undefined) return [...outcomes, { ...nothingDecided, dryRun: request.dryRun }];
      after = page.nextCursor;
      outcomes.push({ ...page, more: false });
    }
    return outcomes;
  };
  try {
    return await askInTurn(call, decidePages);
  } finally {
    progress.end();
  }
}

const isAbsent = (error: OperationFailed): boolean => error instanceof OpsRefusal && error.status === 404;

async function countOpen(call: Call, { filter = {} }: DecisionRequest): Promise<number> {
  const open = await askAll(call, (ops) => readItems<LetterReasons>(ops, reasonsPath));
  const isWanted = ({ topic, type, code }: LetterReasons) =>
    (filter.topic ?? topic) === topic && (filter.type ?? type) === type && (filter.code ?? code) === code;
  return open.filter(isWanted).reduce((sum, { letters }) => sum + letters, 0);
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
  decision: Decision,
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
