import { pause } from '@millrace/streaming-core/runtime';
import type { Call } from '../command/command.ts';
import { CommandFailed } from '../command/failures.ts';
import { askAll, askInTurn, readItems } from '../ops/find-services.ts';
import { OpsRefusal, type OpsClient } from '../ops/ops-client.ts';
import { progressOn } from '../terminal/progress.ts';
import { doing, nothingDecided, perRequest, postOrder, type Decision, type Order } from './letter-order.ts';
import { reasonsPath, type LetterReasons, type Outcomes } from './letter-views.ts';

/**
 * Repeats the order at one service after the other, each time behind the letters of the answer before,
 * so refused letters hold up nothing. A service that fails after some letters are decided is reported,
 * and its other letters stay open. Shows the progress in letters. The services do not count letters by
 * key, so with `--key` the total is too high.
 */
export async function decideByFilter(
  call: Call,
  decision: Decision,
  order: Order,
): Promise<readonly Outcomes[]> {
  const { terminal, signal, clock } = call.session;
  const progress = progressOn(terminal, doing[decision]);
  const total = await countOpen(call, order);
  const rate = call.options.amount('rate') ?? Infinity;
  const limit = Math.min(perRequest, Math.max(1, Math.floor(rate)));
  let done = 0;
  let notBefore = -Infinity;
  const decidePage = async (ops: OpsClient, after: string | undefined): Promise<Outcomes | undefined> => {
    await pause(clock, Math.max(0, notBefore - clock.monotonic()), signal);
    if (signal.aborted) return undefined;
    const begun = clock.monotonic();
    const { body } = await postOrder(ops, decision, { ...order, limit, after });
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
        if (done === 0 || !(error instanceof CommandFailed) || isAbsent(error)) throw error;
        call.incomplete(error.message);
        return undefined;
      });
      if (page === undefined) return [...outcomes, { ...nothingDecided, dryRun: order.dryRun }];
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

const isAbsent = (error: CommandFailed): boolean => error instanceof OpsRefusal && error.status === 404;

async function countOpen(call: Call, { filter = {} }: Order): Promise<number> {
  const open = await askAll(call, (ops) => readItems<LetterReasons>(ops, reasonsPath));
  const isWanted = ({ topic, type, code }: LetterReasons) =>
    (filter.topic ?? topic) === topic && (filter.type ?? type) === type && (filter.code ?? code) === code;
  return open.filter(isWanted).reduce((sum, { letters }) => sum + letters, 0);
}
