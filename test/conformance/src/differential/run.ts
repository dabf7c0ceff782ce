import { differences, type Difference } from './compare.ts';
import { recordTimeMs } from './batches.ts';
import type { Engines } from './engines.ts';
import { knownDifferences, type KnownDifference } from './known-differences.ts';
import { Normalizer, type Normal } from './normal-form.ts';
import { Player } from './player.ts';
import type { Action, Session } from './script.ts';
import { sessionOf } from './sessions.ts';

export interface RunOptions {
  readonly seed: number;
  /** The numbers of the sessions. */
  readonly sessions: readonly number[];
  readonly atOnce?: number;
  /** Sessions that have not begun by then (`performance.now()`) are left out. */
  readonly endsAt?: number;
  /** Receives the outcomes on both engines, in normal form. */
  readonly onPlayed?: (session: Session, ours: readonly Normal[], kafkas: readonly Normal[]) => void;
}

/** A difference between the engines, with a session that shows it. */
export interface Finding extends Difference {
  readonly api: string;
  readonly version: number | undefined;
  readonly about: string | undefined;
  readonly session: string;
  /** The number of the action in its session, from 0. */
  readonly at: number;
  readonly known: KnownDifference | undefined;
}

export interface DifferentialReport {
  readonly seed: number;
  readonly sessions: number;
  readonly compared: number;
  /** The number of requests that only one of the engines serves. */
  readonly skipped: number;
  /** The number of compared requests by API and version. */
  readonly byApi: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
  readonly stale: readonly KnownDifference[];
}

const atOnceByDefault = 6;
const hourMs = 3_600_000n;

/** Plays the same sessions on both engines and compares the answers. */
export async function runDifferential(engines: Engines, options: RunOptions): Promise<DifferentialReport> {
  const tally = new Tally(options.seed);
  const waiting = [...options.sessions];
  const work = async () => {
    for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
      if (options.endsAt !== undefined && performance.now() > options.endsAt) return;
      const session = sessionOf(options.seed, number);
      const [ours, kafkas] = await Promise.all([
        play(engines.ours, session, engines),
        play(engines.kafka, session, engines),
      ]);
      tally.add(session, ours, kafkas);
      options.onPlayed?.(session, ours, kafkas);
    }
  };
  await Promise.all(Array.from({ length: options.atOnce ?? atOnceByDefault }, work));
  return tally.report();
}

async function play(
  address: Engines['ours'],
  session: Session,
  { serves }: Engines,
): Promise<readonly Normal[]> {
  try {
    const outcomes = await new Player({ address, serves }).play(session);
    const normalizer = new Normalizer({ prefix: session.name, serverTimeMsMin: recordTimeMs + hourMs / 2n });
    return outcomes.map((outcome) => normalizer.of(outcome));
  } catch (error) {
    throw new Error(`session ${session.name} could not be played on port ${address.port}`, { cause: error });
  }
}

class Tally {
  readonly #seed: number;
  readonly #findings: Finding[] = [];
  readonly #byApi = new Map<string, number>();
  #sessions = 0;
  #compared = 0;
  #skipped = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /**
   * Compares up to a difference that is not listed, or that is listed as leaving the engines apart.
   * Afterwards the engines are in different states, and the rest of the session cannot be compared.
   */
  add(session: Session, ours: readonly Normal[], kafkas: readonly Normal[]): void {
    this.#sessions += 1;
    for (const [at, action] of session.actions.entries()) {
      if (ours[at] === 'skipped') {
        this.#skipped += 1;
        continue;
      }
      this.#count(action);
      const found = differences(ours[at] ?? null, kafkas[at] ?? null).map((each) =>
        findingOf(each, session, at),
      );
      this.#findings.push(...found);
      if (found.some(({ known }) => known === undefined || known.leavesApart === true)) return;
    }
  }

  report(): DifferentialReport {
    const found = new Set(this.#findings.map(({ known }) => known));
    return {
      seed: this.#seed,
      sessions: this.#sessions,
      compared: this.#compared,
      skipped: this.#skipped,
      byApi: Object.fromEntries([...this.#byApi].sort()),
      findings: this.#findings,
      stale: knownDifferences.filter((known) => known.isRare !== true && !found.has(known)),
    };
  }

  #count(action: Action): void {
    if (action.do === 'settle' || action.do === 'start') return;
    this.#compared += 1;
    const name = 'api' in action ? `${action.api.name} v${action.version}` : action.do;
    this.#byApi.set(name, (this.#byApi.get(name) ?? 0) + 1);
  }
}

function findingOf(difference: Difference, session: Session, at: number): Finding {
  const action = awaitedOr(session, at);
  const api = 'api' in action ? action.api.name : action.do;
  const version = 'api' in action ? action.version : undefined;
  const about = 'api' in action ? action.about : undefined;
  const where = {
    ...difference,
    api: action.do === 'settle' ? `${api} (until it is as wanted)` : api,
    version,
    about,
  };
  return {
    ...where,
    session: session.name,
    at,
    known: knownDifferences.find((known) => matches(known, where)),
  };
}

function awaitedOr({ actions }: Session, at: number): Action {
  const action = actions[at]!;
  if (action.do !== 'await') return action;
  return actions.slice(0, at).findLast((each) => each.do === 'start' && each.as === action.of) ?? action;
}

function matches(
  known: KnownDifference,
  { api, version, path, ours, kafkas, about }: Omit<Finding, 'session' | 'at' | 'known'>,
): boolean {
  const [min, max] = known.versions ?? [-Infinity, Infinity];
  const inVersions = version === undefined || (version >= min && version <= max);
  const like = (pattern: RegExp | undefined, text = '') => pattern === undefined || pattern.test(text);
  return (
    (typeof known.api === 'string' ? known.api === api : known.api.test(api)) &&
    inVersions &&
    like(known.about, about) &&
    like(known.path, path) &&
    like(known.ours, ours) &&
    like(known.kafkas, kafkas)
  );
}
