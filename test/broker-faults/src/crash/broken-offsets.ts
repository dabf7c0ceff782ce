import { fateOf, type CrashPoint } from './fate.ts';
import type { LogSurvey } from './log-survey.ts';
import type { CommitAsked } from './promise-book.ts';

/**
 * Checks that each group has the offset that was committed last, or one whose commit was requested
 * after it.
 */
export function commitProblems(
  commits: readonly CommitAsked[],
  { offsets }: LogSurvey,
  point: CrashPoint,
): readonly string[] {
  const problems: string[] = [];
  for (const place of new Set(
    commits.map(({ group, topic, partition }) => `${group} ${topic}-${partition}`),
  )) {
    const [group = '', partition = ''] = place.split(' ');
    const asked = commits
      .filter((each) => each.group === group && `${each.topic}-${each.partition}` === partition)
      .map((commit) => ({ offset: commit.offset, fate: fateOf(commit, point) }))
      .filter(({ fate }) => fate !== 'never');
    const lastDone = asked.findLastIndex(({ fate }) => fate === 'promised');
    const possible = asked.slice(Math.max(lastDone, 0)).map(({ offset }) => offset);
    const known = offsets.get(group);
    if (typeof known === 'number') problems.push(`group ${group} is refused with error ${known}`);
    const found = typeof known === 'number' ? undefined : known?.get(partition);
    if (found === undefined && lastDone >= 0)
      problems.push(`${group} committed ${possible[0]} of ${partition}, but it is gone`);
    if (found !== undefined && !possible.includes(found))
      problems.push(`${group} committed ${possible.join(' or ')} of ${partition}, but it is ${found}`);
  }
  return problems;
}
