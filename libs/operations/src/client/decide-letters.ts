import type { LetterFilter, LetterReasons, Outcomes } from '../contract/index.ts';
import type { OpsAnswer, OpsClient } from './ops-client.ts';

/** The path of the operator API under which a service lists its dead letters. */
export const lettersPath = '/ops/dead-letters';
/** The path of the operator API that counts open dead letters by topic, type and code. */
export const reasonsPath = `${lettersPath}/reasons`;

export type LetterDecision = 'redrive' | 'discard';

/** The letters that one request decides about. The operator API takes at most 500. */
export const lettersPerRequest = 100;

/**
 * Sends one decision about dead letters to a service, which carries it out in one transaction.
 * Rejects with `OpsRefusal` if the service refuses it, and with `OperationFailed` if it does not
 * answer; after that the decision may have taken effect.
 */
export const postDecision = (
  ops: OpsClient,
  decision: LetterDecision,
  body: object,
): Promise<OpsAnswer<Outcomes>> => ops.post<Outcomes>(`${lettersPath}/${decision}`, { body });

export interface DecideInPages {
  /** `{}` stands for every open dead letter of the service. */
  readonly filter: LetterFilter;
  readonly reason: string;
  readonly dryRun: boolean;
  /** A request decides about at most as many letters as fit into a second. The caller pauses in between. */
  readonly perSecond?: number | undefined;
  /** Is asked before each request, and ends the pages with false. */
  readonly mayContinue?: () => Promise<boolean>;
}

/**
 * Decides about the open letters of a filter at one service, page by page. Each request continues
 * behind the letters of the answer before, so refused letters hold up nothing.
 */
export async function* decideInPages(
  ops: OpsClient,
  decision: LetterDecision,
  { perSecond = Infinity, mayContinue = () => Promise.resolve(true), ...request }: DecideInPages,
): AsyncGenerator<Outcomes, void> {
  const limit = Math.min(lettersPerRequest, Math.max(1, Math.floor(perSecond)));
  let after: string | null | undefined;
  while (after !== null && (await mayContinue())) {
    const { body }: OpsAnswer<Outcomes> = await postDecision(ops, decision, { ...request, limit, after });
    yield body;
    after = body.nextCursor;
  }
}

/**
 * Counts the letters of a filter by the reasons that the services list. They do not count letters by
 * key, so with a key the number is too high.
 */
export const lettersOf = (reasons: readonly LetterReasons[], filter: LetterFilter): number =>
  reasons
    .filter(
      ({ topic, type, code }) =>
        (filter.topic ?? topic) === topic && (filter.type ?? type) === type && (filter.code ?? code) === code,
    )
    .reduce((sum, { letters }) => sum + letters, 0);
