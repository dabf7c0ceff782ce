import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { migrationsOfShop, packagesOfShop } from './shop.ts';
import { workspace } from './workspace.ts';

/**
 * Files that break a rule, and why. Each entry is a debt, which is removed as soon as the rule
 * holds without it.
 */
const exceptions = {
  'file length': {
    'libs/streaming-core/src/coordinators/groups/group-lifecycle.ts':
      'the states of a group and every move between them are one topic',
  },
  clock: {
    'libs/streaming-core/src/client/stay-alive.ts':
      'a timer that only keeps the process alive, which a timer of the Clock never does; nothing waits for it',
  },
  'declared packages': { ...packagesOfShop },
  'migrations only add': {
    'libs/saga/migrations/0002-parallel-steps.sql':
      'the constraint on the role of a timer is replaced by a wider one, which every row of the release before fits',
    'libs/streaming-core/migrations/0003-outbox-by-connector.sql':
      'the constraint on the delivery of a relay is replaced by a wider one, which every row of the release before fits',
    ...migrationsOfShop,
  },
  'folders form a DAG': {},
  snippets: {},
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

export type RuleWithExceptions = keyof typeof exceptions;

/**
 * Leaves out the excused problems. A problem begins with the file that breaks the rule and a colon.
 * An exception that excuses nothing any more is a problem as well, unless a fork has removed its app or library.
 */
export function withoutExceptions(rule: RuleWithExceptions, problems: readonly string[]): readonly string[] {
  const excused: readonly string[] = Object.keys(exceptions[rule]);
  const concerns = (problem: string, what: string) => problem.startsWith(`${what}: `);
  const left = problems.filter((problem) => !excused.some((what) => concerns(problem, what)));
  const idle = excused.filter(
    (what) => hasProject(what) && !problems.some((problem) => concerns(problem, what)),
  );
  return [
    ...left,
    ...idle.map((what) => `exceptions.ts: ${what} obeys the rule "${rule}" now: delete its exception`),
  ];
}

const hasProject = (what: string): boolean =>
  existsSync(join(workspace, /^[^/]+\/[^/ ]+/.exec(what)?.[0] ?? ''));
