import { AssertionError, deepStrictEqual, partialDeepStrictEqual } from 'node:assert';
import { Session, type Ended, type Work } from './schedule-session.ts';
import type { TestDatabase } from './test-database.ts';

/**
 * The outcome of a step before the next one begins: it `waits` for a lock that another session
 * holds, it `holds` because its work asked for that, it ends with a value (`gives`), or it is
 * `refused`. Without an outcome, it has to end.
 */
export type Outcome = 'waits' | 'holds' | { readonly gives: unknown } | { readonly refused: string };

/**
 * Expects the step to end with an object that contains this one, or with exactly this array or
 * primitive value.
 */
export const gives = (value: unknown): Outcome => ({ gives: value });

/** Expects the step to reject with an error of this `code` or `name`. */
export const refused = (code: string): Outcome => ({ refused: code });

/**
 * One line of the table: the session, the step and its outcome. `goes on` opens a hold, or else
 * checks that the session no longer waits.
 */
export type Step =
  | readonly [session: string, does: 'begins' | 'commits' | 'rolls back']
  | readonly [session: string, does: 'goes on', outcome?: Outcome]
  | readonly [session: string, does: string, work: Work, outcome?: Outcome];

const stepMsMax = 20_000;

/**
 * `$1` are a session's backends, `$2` those of all sessions. Returns those whose locks the session
 * waits for.
 */
const waitsFor = `
  WITH RECURSIVE blocker (pid) AS (
    SELECT direct.pid FROM unnest($1::integer[]) AS own (pid) CROSS JOIN LATERAL unnest(pg_blocking_pids(own.pid)) AS direct (pid)
    UNION
    SELECT further.pid FROM blocker CROSS JOIN LATERAL unnest(pg_blocking_pids(blocker.pid)) AS further (pid)
    WHERE blocker.pid = ANY ($2::integer[])
  )
  SELECT pid FROM blocker WHERE pid = ANY ($2::integer[])`;

/**
 * Plays a schedule of sessions on a real PostgreSQL, each with connections of its own, always in
 * the same order. After each step, every session is known to be idle, to hold, or to wait for
 * another one's lock (`pg_blocking_pids`). Nothing sleeps. Throws `AssertionError` with the line
 * whose outcome differs, at a deadlock, and if the table ends with a session that is busy or in a
 * transaction.
 */
export async function playSchedule(database: TestDatabase, steps: readonly Step[]): Promise<void> {
  const sessions = new Map<string, Session>();
  const play = new Play(database, sessions);
  try {
    for (const name of new Set(steps.map(([session]) => session)))
      sessions.set(name, await Session.open(name, database.url));
    for (const [index, step] of steps.entries())
      await play.step(step, `line ${index + 1}, ${step[0]} ${step[1]}`);
    for (const session of sessions.values())
      if (session.busy !== undefined || session.inTransaction)
        fail(`${session.name} is still ${session.busy?.does ?? 'in a transaction'}`);
  } finally {
    await Promise.all([...sessions.values()].map((session) => session.close()));
  }
}

type State = 'ended' | 'waits' | 'holds';

class Play {
  readonly #database: TestDatabase;
  readonly #sessions: ReadonlyMap<string, Session>;

  constructor(database: TestDatabase, sessions: ReadonlyMap<string, Session>) {
    this.#database = database;
    this.#sessions = sessions;
  }

  async step([name, does, third, fourth]: Step, line: string): Promise<void> {
    const session = this.#sessions.get(name);
    if (session === undefined) throw new TypeError(`${line}: no such session`);
    if (typeof third === 'function') {
      session.does(does, third);
      await this.#expect(session, fourth, line);
    } else if (does === 'goes on') {
      session.goOn();
      await this.#expect(session, third, line);
    } else {
      if (does === 'begins') await session.begin();
      else await session.end(does === 'commits');
      await this.#allAtRest(line);
    }
  }

  async #expect(session: Session, outcome: Outcome | undefined, line: string): Promise<void> {
    await this.#allAtRest(line);
    const state = await this.#rest(session, line);
    const wanted = outcome === 'waits' || outcome === 'holds' ? outcome : 'ended';
    const ended = state === 'ended' ? session.takeEnded() : undefined;
    if (state !== wanted)
      fail(
        `${line}: expected "${wanted}" now, but it is "${state}"${ended === undefined ? '' : ` (${said(ended)})`}`,
      );
    if (ended !== undefined) compare(ended, outcome, line);
  }

  /** Waits until whatever a step has started in other sessions has also come to rest. */
  async #allAtRest(line: string): Promise<void> {
    for (const session of this.#sessions.values()) await this.#rest(session, line);
  }

  async #rest(session: Session, line: string): Promise<State> {
    for (const deadline = performance.now() + stepMsMax; performance.now() < deadline;) {
      const { busy } = session;
      if (busy === undefined || busy.ended !== undefined) return 'ended';
      if (busy.holds) return 'holds';
      const blockers = await this.#blockersOf(session);
      if (blockers.includes(session))
        return fail(`${line}: a deadlock of ${blockers.map(({ name }) => name).join(', ')}`);
      if (blockers.length > 0 && session.busy?.ended === undefined) return 'waits';
    }
    return fail(`${line}: ${session.name} neither ended nor waited within ${stepMsMax} ms`);
  }

  /**
   * Returns the sessions that this one waits for, directly or through others. In a deadlock, that
   * includes itself.
   */
  async #blockersOf({ pids }: Session): Promise<readonly Session[]> {
    const sessions = [...this.#sessions.values()];
    const { rows } = await this.#database.sql.query<{ pid: number }>(waitsFor, [
      pids,
      sessions.flatMap((session) => session.pids),
    ]);
    return sessions.filter((session) => rows.some((row) => session.pids.includes(row.pid)));
  }
}

function compare(ended: Ended, outcome: Outcome | undefined, line: string): void {
  if (typeof outcome === 'object' && 'refused' in outcome) {
    if (!('error' in ended) || ![codeOf(ended.error), nameOf(ended.error)].includes(outcome.refused))
      fail(`${line}: expected to be refused (${outcome.refused}), but ${said(ended)}`);
  } else if ('error' in ended) fail(`${line}: ${said(ended)}`, ended.error);
  else if (typeof outcome === 'object') {
    if (Array.isArray(outcome.gives)) deepStrictEqual(ended.value, outcome.gives, `${line}: ${said(ended)}`);
    else partialDeepStrictEqual(ended.value, outcome.gives, `${line}: ${said(ended)}`);
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;
const nameOf = (error: unknown): unknown => (error instanceof Error ? error.name : undefined);

const said = (ended: Ended): string =>
  'error' in ended
    ? `failed with ${String(ended.error)}`
    : `gave ${JSON.stringify(ended.value, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))}`;

function fail(message: string, cause?: unknown): never {
  throw Object.assign(new AssertionError({ message }), { cause });
}
