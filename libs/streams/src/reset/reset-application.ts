import {
  type Admin,
  type OffsetChange,
  type OffsetReset,
  type TopicPartition,
  ClientError,
} from '@millrace/streaming-core/client';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError, FolderInUse, lockFolder } from '@millrace/streaming-core/runtime';

/** The parts of the admin client that a reset uses. */
export interface ResetAdmin {
  readonly topics: Pick<Admin['topics'], 'list' | 'delete'>;
  readonly groups: Pick<Admin['groups'], 'list' | 'describe' | 'offsets' | 'deleteOffsets' | 'resetOffsets'>;
}

export interface ResetRequest {
  readonly applicationId: string;
  /** The topics to read again. Other offsets of the group stay as they are. */
  readonly inputTopics?: readonly string[];
  /** Where the application begins in its input topics. The default is their beginning. */
  readonly to?: OffsetReset;
  /** Deletes only these internal topics. The default is all of the application. */
  readonly internalTopics?: readonly string[];
  /** Whether to change nothing and only return what would change. */
  readonly dryRun?: boolean;
}

/** The changes that a reset has made, or with `dryRun` would make. */
export interface ApplicationReset {
  readonly offsets: readonly OffsetChange[];
  readonly deletedTopics: readonly string[];
}

/** The forms of internal topics' names, as Kafka Streams' reset tool knows them. */
const internalForm =
  /-changelog$|-repartition$|-subscription-registration-topic$|-subscription-response-topic$|-KTABLE-FK-JOIN-SUBSCRIPTION-(REGISTRATION|RESPONSE)-\d+-topic$/;

/**
 * Lets an application process its input again, as `kafka-streams-application-reset` does. It moves
 * the offsets of the input topics, and deletes the internal topics with the offsets committed for
 * them. The state folders have to be deleted as well (`deleteState`). Output topics stay as they
 * are.
 *
 * Rejects with `ResetError` if the group has members or if a name does not fit, and with
 * `ClientError` if a broker refuses a step. It can then be repeated.
 */
export async function resetApplication(admin: ResetAdmin, request: ResetRequest): Promise<ApplicationReset> {
  const { applicationId, inputTopics = [], to = { mode: 'to-earliest' }, dryRun = false } = request;
  await refuseIfRunning(admin, applicationId);
  const names = (await admin.topics.list()).map(({ name }) => name);
  const groupIds = (await admin.groups.list()).map(({ groupId }) => groupId);
  const internal = internalTopicsAmong(names, applicationId, groupIds);
  const deletedTopics = chosenOf(internal, request);
  refuseInputs(inputTopics, names, internal);

  const offsets =
    inputTopics.length === 0
      ? []
      : await admin.groups.resetOffsets(applicationId, to, { topics: inputTopics, dryRun });
  if (!dryRun && deletedTopics.length > 0) {
    const committed = await committedFor(admin, applicationId, deletedTopics);
    if (committed.length > 0) await admin.groups.deleteOffsets(applicationId, committed);
    await admin.topics.delete(deletedTopics);
  }
  return { offsets, deletedTopics };
}

/**
 * Returns the internal topics of an application. A topic of `shop-eu` begins with `shop-` too, so
 * topics that fit a longer id of another group are left out.
 */
export function internalTopicsAmong(
  topics: readonly string[],
  applicationId: string,
  groupIds: readonly string[],
): readonly string[] {
  const others = groupIds.filter((groupId) => groupId.startsWith(`${applicationId}-`));
  const isOfAnother = (topic: string) => others.some((groupId) => topic.startsWith(`${groupId}-`));
  return topics.filter(
    (topic) => topic.startsWith(`${applicationId}-`) && internalForm.test(topic) && !isOfAnother(topic),
  );
}

const withoutMembers: ReadonlySet<string> = new Set(['Empty', 'Dead']);

async function refuseIfRunning(admin: ResetAdmin, applicationId: string): Promise<void> {
  const group = await found(admin.groups.describe([applicationId]));
  const state = group?.get(applicationId)?.state ?? 'Empty';
  if (withoutMembers.has(state)) return;
  throw new ResetError(
    'in_use',
    `the group ${applicationId} has members (it is ${state}): stop all processes of the application first. ` +
      'A crashed process stays a member until its session timeout has passed',
  );
}

function chosenOf(
  internal: readonly string[],
  { applicationId, internalTopics }: ResetRequest,
): readonly string[] {
  const unknown = internalTopics?.find((name) => !internal.includes(name));
  if (unknown !== undefined)
    throw new ResetError(
      'input_invalid',
      `${unknown} is not an internal topic of ${applicationId}. Its internal topics are: ${listed(internal)}`,
    );
  return internalTopics ?? internal;
}

function refuseInputs(
  inputTopics: readonly string[],
  names: readonly string[],
  internal: readonly string[],
): void {
  const missing = inputTopics.filter((name) => !names.includes(name));
  if (missing.length > 0)
    throw new ResetError('input_invalid', `input topics do not exist: ${listed(missing)}. Check the names`);
  const wrong = inputTopics.filter((name) => internal.includes(name));
  if (wrong.length > 0)
    throw new ResetError(
      'input_invalid',
      `${listed(wrong)} would be deleted as an internal topic. Leave it out of the input topics`,
    );
}

async function committedFor(
  admin: ResetAdmin,
  applicationId: string,
  topics: readonly string[],
): Promise<readonly TopicPartition[]> {
  const committed = (await found(admin.groups.offsets(applicationId))) ?? [];
  return committed
    .filter(({ topic }) => topics.includes(topic))
    .map(({ topic, partition }) => ({ topic, partition }));
}

/** Resolves to undefined if there is no such group, for instance before the first start. */
async function found<Result>(asked: Promise<Result>): Promise<Result | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ClientError && error.code === 'unknown_group') return undefined;
    throw error;
  }
}

const listed = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));

/** Why an application was not reset, by code. */
export const resetErrors = {
  in_use: 'A process of the application is running',
  input_invalid: 'The request names a topic or a group that does not fit',
} as const;

export type ResetErrorCode = keyof typeof resetErrors;

/** The application was not reset, and nothing has changed. The message has the remedy. */
export class ResetError extends CodedError<ResetErrorCode> {
  override readonly name = 'ResetError';
}

interface Report extends ApplicationReset {
  readonly stateFolder: string | undefined;
}

/** Lists the changes that a reset has made or would make, one per line. */
export function reportOf({ offsets, deletedTopics, stateFolder }: Report, dryRun: boolean): string {
  const would = (done: string, todo: string) => (dryRun ? todo : done);
  const lines = [
    ...offsets.map(
      ({ topic, partition, from, to }) =>
        `${would('moved', 'would move')} ${topic}/${partition} from ${from ?? 'no offset'} to ${to}`,
    ),
    ...deletedTopics.map((topic) => `${would('deleted', 'would delete')} topic ${topic}`),
    ...(stateFolder === undefined ? [] : [`${would('deleted', 'would delete')} state folder ${stateFolder}`]),
  ];
  if (lines.length === 0) return 'nothing to reset';
  return lines.join('\n');
}

/**
 * Deletes the state that a process has kept of an application in its `stateDir`. Returns the
 * folder, or undefined if there is none. Throws `ResetError` if a process uses it.
 */
export function deleteState(
  stateDir: string,
  applicationId: string,
  newUuid: () => string,
): string | undefined {
  const folder = stateFolderOf(stateDir, applicationId);
  if (folder === undefined) return undefined;
  try {
    lockFolder(folder, newUuid);
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error;
    throw new ResetError('in_use', `the state folder ${folder} is in use by ${error.holder}: stop it first`, {
      cause: error,
    });
  }
  rmSync(folder, { recursive: true });
  return folder;
}

/** Returns the folder of an application, or undefined if there is none. */
export function stateFolderOf(stateDir: string, applicationId: string): string | undefined {
  const folder = join(stateDir, applicationId);
  return existsSync(folder) ? folder : undefined;
}
