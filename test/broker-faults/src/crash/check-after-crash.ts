import { startBroker } from '@millrace/streaming-core/broker';
import { initProducerId, WireClient, describeGroups, heartbeat } from '@millrace/streaming-core/protocol';
import { brokenPromises, transactionProblems } from './broken-promises.ts';
import type { CrashPoint } from './fate.ts';
import { finishTransactions, unfinished } from './finish-transactions.ts';
import { fingerprint, surveyLog, type LogSurvey } from './log-survey.ts';
import {
  wasAsked,
  wasDone,
  type BatchAsked,
  type PromiseBook,
  type MembershipAsked,
} from './promise-book.ts';
import { brokerSettings } from './recorded-run.ts';
import { sendBatch } from './send-batch.ts';

/**
 * Checks that members keep their generation and assignment, and that members that have left are
 * gone.
 */
async function memberProblems(
  client: WireClient,
  { memberships }: PromiseBook,
  at: number,
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const group of new Set(memberships.map((membership) => membership.group))) {
    const last = memberships.findLast((membership) => membership.group === group && wasAsked(membership, at));
    if (last === undefined || !wasDone(last, at)) continue;
    if (!wasAsked(last.leaving, at)) problems.push(...(await stayProblems(client, last)));
    // If a later member may have begun to join, the broker promises nothing about the last one.
    const isNextIn = memberships.some(
      (membership) => membership.group === group && membership.askedAt > last.askedAt,
    );
    if (wasDone(last.leaving, at) && !isNextIn) problems.push(...(await leftProblems(client, last)));
  }
  return problems;
}

async function stayProblems(
  client: WireClient,
  { group, memberId, generationId, assignment }: MembershipAsked,
): Promise<readonly string[]> {
  const { errorCode } = await client.send(heartbeat, 4, { groupId: group, generationId, memberId });
  if (errorCode !== 0)
    return [`${group}: a member of generation ${generationId} is refused with error ${errorCode}`];
  const found = (await membersOf(client, group)).find((member) => member.memberId === memberId);
  const has = String(found?.memberAssignment);
  return has === assignment ? [] : [`${group}: a member was assigned ${assignment} but has ${has}`];
}

async function leftProblems(
  client: WireClient,
  { group, memberId }: MembershipAsked,
): Promise<readonly string[]> {
  const isThere = (await membersOf(client, group)).some((member) => member.memberId === memberId);
  return isThere ? [`${group}: a member that left is still there`] : [];
}

const membersOf = async (client: WireClient, group: string) =>
  (await client.send(describeGroups, 5, { groups: [group] })).groups[0]?.members ?? [];

/** The number of a producer's batches that a broker remembers after a restart. */
const inFlightMax = 5;

/**
 * Finds what is wrong with a folder that a crash left. The check starts a broker on it, reads
 * everything, uses it, stops it and starts it again.
 */
export async function checkAfterCrash(
  folder: string,
  book: PromiseBook,
  point: CrashPoint,
  /** Called before the check decides anything beyond what the crash left undecided. */
  beforeDecisions: () => void = () => undefined,
): Promise<readonly string[]> {
  const groups = new Set(book.commits.map(({ group }) => group));
  const problems: string[] = [];
  const before = await withBroker(folder, problems, async (client) => {
    problems.push(...(await unfinished(client, book)));
    problems.push(...brokenPromises(book, await surveyLog(client, groups), point));
    problems.push(...(await memberProblems(client, book, point.at)));
    problems.push(...(await repeatedProducerIds(client, book, point.at)));
    problems.push(...(await sendUndecidedAgain(client, book, point.at)));
    beforeDecisions();
    problems.push(...(await endTransactions(client, book, point)));
    return surveyLog(client, groups);
  });
  const after = await withBroker(folder, problems, (client) => surveyLog(client, groups));
  if (before !== undefined && after !== undefined && fingerprint(before) !== fingerprint(after))
    problems.push(`another start changes what the broker serves: ${difference(before, after)}`);
  return problems;
}

/** Ends every transaction, so that nothing is undecided any more. */
async function endTransactions(
  client: WireClient,
  book: PromiseBook,
  point: CrashPoint,
): Promise<readonly string[]> {
  const { problems, ended } = await finishTransactions(client, book, point);
  const stuck = await unfinished(client, book);
  const survey = await surveyLog(client, new Set(book.commits.map(({ group }) => group)));
  return [...problems, ...stuck, ...transactionProblems(book, survey, { ...point, ended })];
}

/**
 * An error that the broker logs is a problem too, because a start after a crash is no reason to log
 * one.
 */
async function withBroker<Result>(
  folder: string,
  problems: string[],
  work: (client: WireClient) => Promise<Result>,
): Promise<Result | undefined> {
  const ignore = () => undefined;
  const error = (fields: object, message: string) =>
    void problems.push(`logged: ${message} (${String((fields as { err?: unknown }).err)})`);
  try {
    const broker = await startBroker({
      dataFolder: folder,
      ...brokerSettings,
      logger: { debug: ignore, info: ignore, warn: ignore, error },
    });
    const client = await WireClient.connect(broker);
    try {
      return await work(client);
    } finally {
      client.close();
      await broker.close();
    }
  } catch (failure) {
    problems.push(`failed: ${failure instanceof Error ? failure.message : String(failure)}`);
    return undefined;
  }
}

async function repeatedProducerIds(
  client: WireClient,
  book: PromiseBook,
  at: number,
): Promise<readonly string[]> {
  const { errorCode, producerId } = await client.send(initProducerId, 4, {
    transactionalId: null,
    transactionTimeoutMs: 60_000,
  });
  if (errorCode !== 0) return [`InitProducerId is refused with error ${errorCode}`];
  const given = book.producerIds.some((asked) => wasDone(asked, at) && asked.producerId === producerId);
  return given ? [`producer id ${producerId} is assigned a second time`] : [];
}

/**
 * Does what an idempotent client does: the broker must know its last acknowledged batch, and the
 * batches without an answer must be stored once and in order.
 */
async function sendUndecidedAgain(
  client: WireClient,
  book: PromiseBook,
  at: number,
): Promise<readonly string[]> {
  const { topicIds } = await surveyLog(client, []);
  const mine = book.batches.filter(
    (batch) =>
      batch.idempotent && wasAsked(batch, at) && topicIds.get(batch.topic.name) === batch.topic.topicId,
  );
  const problems: string[] = [];
  for (const place of new Set(mine.map(({ session, partition }) => `${session} ${partition}`))) {
    const batches = mine.filter(({ session, partition }) => `${session} ${partition}` === place);
    const lastDone = batches.findLastIndex((batch) => wasDone(batch, at));
    const undecided = batches.length - 1 - lastDone;
    const from = undecided < inFlightMax ? Math.max(0, lastDone) : lastDone + 1;
    for (const batch of batches.slice(from)) problems.push(...(await sendAgain(client, batch, at)));
  }
  if (mine.length === 0) return problems;
  const survey = await surveyLog(client, []);
  const stored = [...survey.partitions.values()].flatMap(({ records }) => records.map(({ value }) => value));
  const wanted = mine.flatMap(({ values }) => values);
  const counted = wanted.map((value) => [value, stored.filter((each) => each === value).length] as const);
  return [
    ...problems,
    ...counted
      .filter(([, count]) => count !== 1)
      .map(([value, count]) => `${value.slice(0, 20)} is stored ${count} times after it was sent again`),
  ];
}

async function sendAgain(client: WireClient, batch: BatchAsked, at: number): Promise<readonly string[]> {
  const { errorCode, baseOffset } = await sendBatch(client, batch);
  const label = batch.values[0]?.slice(0, 20) ?? '';
  if (errorCode !== 0) return [`${label}, sent again, is refused with error ${errorCode}`];
  return wasDone(batch, at) && baseOffset !== batch.offset
    ? [`${label}, sent again, gets offset ${baseOffset} instead of ${batch.offset}`]
    : [];
}

function difference(before: LogSurvey, after: LogSurvey): string {
  const ends = ({ partitions }: LogSurvey) =>
    [...partitions].map(([name, { start, end }]) => `${name} ${start}..${end}`).join(', ');
  return `${ends(before)} | ${ends(after)}`;
}
