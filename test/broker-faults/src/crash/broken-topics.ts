import type { LogSurvey } from './log-survey.ts';
import { wasAsked, wasDone, type PromiseBook, type TopicAsked } from './promise-book.ts';

/** Finds, for each topic name, which of the topics created under it exists now, if any. */
export function topicsAt(book: PromiseBook, survey: LogSurvey, at: number) {
  const { topicIds } = survey;
  const problems: string[] = [];
  const topics: TopicAsked[] = [];
  for (const name of new Set(book.topics.map((topic) => topic.name))) {
    const asked = book.topics.filter((topic) => topic.name === name && wasAsked(topic, at));
    const known = topicIds.get(name);
    const alive = asked.find((topic) => wasDone(topic, at) && !wasAsked(topic.deletion, at));
    // A topic may or may not exist if its creation was not answered yet or its deletion was under
    // way.
    const found =
      asked.find(({ topicId }) => topicId === known) ?? asked.find((topic) => topic.doneAt === undefined);
    if (alive !== undefined && known !== alive.topicId)
      problems.push(`topic ${name} ${known === undefined ? 'was created and is gone' : 'has another id'}`);
    if (known !== undefined && found === undefined)
      problems.push(`topic ${name} has an id that the broker never returned`);
    if (known !== undefined && found !== undefined && wasDone(found.deletion, at))
      problems.push(`topic ${name} was deleted and is still there`);
    if (known === undefined || found === undefined) continue;
    problems.push(...sizeProblems(found, survey, at));
    topics.push(found);
  }
  for (const name of topicIds.keys())
    if (!book.topics.some((topic) => topic.name === name)) problems.push(`nobody requested topic ${name}`);
  return { topics, problems };
}

export const partitionCount = (name: string, { partitions }: LogSurvey): number =>
  [...partitions.keys()].filter((each) => each.slice(0, each.lastIndexOf('-')) === name).length;

/** Checks that the added partitions exist, and no partition that nobody requested. */
function sizeProblems(
  { name, partitions, growth }: TopicAsked,
  survey: LogSurvey,
  at: number,
): readonly string[] {
  const found = partitionCount(name, survey);
  const least = wasDone(growth, at) ? (growth?.partitions ?? partitions) : partitions;
  const most = wasAsked(growth, at) ? (growth?.partitions ?? partitions) : partitions;
  return found === least || found === most
    ? []
    : [`topic ${name} has ${found} partitions, but should have ${least} to ${most}`];
}
