import { appendRows } from '@millrace/streaming-core/outbox';
import type { Logger } from '@millrace/streaming-core/runtime';
import { onEnd, unitOfWork, type SqlDatabase, type SqlTransaction } from '@millrace/streaming-core/postgres';
import type { PartitionOffset } from '@millrace/streaming-core/client';
import type { DeadLetter } from './dead-letter.ts';
import type { DeadLetterLog } from './dead-letter-log.ts';
import { readDecisions, recordDecision, type Decision } from './decisions.ts';
import { redriven, refusalOf, type RedriveRefusal } from './redriven.ts';
import type { Edit, SealedLetters, SealedRefusal } from './sealed-letters.ts';
import { createTidying } from './tidying.ts';

/** The decision of an operator about letters. An edit is for one letter. */
interface Order {
  readonly decision: Decision['decision'];
  readonly actor: string;
  readonly reason: string;
  readonly edit?: Edit | undefined;
  readonly edited: readonly string[];
}

export interface Outcome {
  readonly letter: DeadLetter;
  /** `decided_before` means that an operator had decided about the letter already. */
  readonly outcome: Decision['decision'] | RedriveRefusal | SealedRefusal | 'decided_before';
}

/** The dead letters of a service, and what operators decide about them. */
export interface DeadLetterOffice extends DeadLetterLog {
  decisions(letters: readonly DeadLetter[]): Promise<ReadonlyMap<string, Decision>>;
  /** Says what `carryOut` would do now. */
  judge(letters: readonly DeadLetter[], order: Order): Promise<readonly Outcome[]>;
  /**
   * Decides about the letters that nobody has decided about, in one transaction: the messages of
   * redriven ones are written to the outbox. After the commit, the letters at the beginning of
   * their topic that are decided are deleted.
   */
  carryOut(letters: readonly DeadLetter[], order: Order): Promise<readonly Outcome[]>;
}

export interface OfficeOptions {
  readonly log: DeadLetterLog;
  /** The database of the service. Its statements join the transaction of the request. */
  readonly database: SqlDatabase;
  readonly deleteBefore: (place: PartitionOffset) => Promise<unknown>;
  readonly newId: () => string;
  readonly sealed: SealedLetters;
  readonly logger: Logger;
}

export function deadLetterOffice({
  log,
  database,
  deleteBefore,
  newId,
  sealed,
  logger,
}: OfficeOptions): DeadLetterOffice {
  /** Judges letters as if nobody had decided about them. */
  async function judgeAnew(
    letters: readonly DeadLetter[],
    { decision, edit }: Order,
  ): Promise<readonly Outcome[]> {
    if (decision !== 'redriven') return letters.map((letter) => ({ letter, outcome: decision }));
    const refusals = await sealed.refusals(letters);
    return letters.map((letter) => ({
      letter,
      outcome: refusalOf(letter, edit !== undefined) ?? refusals.get(letter) ?? decision,
    }));
  }

  async function judge(letters: readonly DeadLetter[], order: Order): Promise<readonly Outcome[]> {
    const decided = await readDecisions(database, letters);
    const outcomes = await judgeAnew(letters, order);
    return outcomes.map(({ letter, outcome }) =>
      decided.has(letter.id) ? { letter, outcome: 'decided_before' } : { letter, outcome },
    );
  }

  async function carryOut(letters: readonly DeadLetter[], order: Order): Promise<readonly Outcome[]> {
    const outcomes = await judgeAnew(letters, order);
    const [first] = letters;
    const edit = order.edit && first && (await sealed.seal(first, order.edit));
    return database.transaction(async (transaction) => {
      const taken = outcomes.filter(({ outcome }) => outcome === order.decision).map(({ letter }) => letter);
      const own = new Set(await recordDecision(transaction, taken, order));
      if (order.decision === 'redriven')
        await unitOfWork(transaction, () =>
          appendRows(
            transaction,
            [...own].map((letter) => redriven(letter, newId(), edit)),
          ),
        );
      tidyAfter(transaction, [...own]);
      return outcomes.map(({ letter, outcome }) =>
        outcome === order.decision && !own.has(letter)
          ? { letter, outcome: 'decided_before' }
          : { letter, outcome },
      );
    });
  }

  const tidy = createTidying({
    beginning: (topic) => log.beginning(topic),
    readDecisions: (letters) => readDecisions(database, letters),
    deleteBefore,
    logger,
  });

  /** The decisions are committed by then, so a failure only leaves decided letters on the log. */
  function tidyAfter(transaction: SqlTransaction, letters: readonly DeadLetter[]): void {
    const topics = new Set(letters.map(({ topic }) => topic));
    onEnd(transaction, (committed) => committed && topics.forEach(tidy));
  }

  return { ...log, decisions: (letters) => readDecisions(database, letters), judge, carryOut };
}
