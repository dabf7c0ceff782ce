import type { Message, MessageDeclaration } from '@millrace/streaming-core/contract';
import { BlockedError, type MessageContext, type SkipGuard } from '@millrace/streaming-core/consumer';
import type { SqlRow, SqlTransaction } from '@millrace/streaming-core/postgres';
import {
  commandTopicsOf,
  messagesFromOutside,
  messagesOf,
  topicsOf,
  type SagaDefinition,
} from '../definition/definition.ts';
import { SagaError } from '../errors.ts';
import { LIVE_VERSIONS, UNKNOWN_INSTANCE } from '../postgres/saga.sql.ts';

/** The version of each saga, by its name. */
export type StartVersions = Readonly<Record<string, number>>;

/** Every registered version of every saga. */
export interface Definitions {
  readonly names: readonly string[];
  /** All versions, the newest of each name first. */
  readonly versions: readonly SagaDefinition[];
  /** Returns the version that new instances start with. */
  starting(name: string): SagaDefinition;
  version(name: string, version: number): SagaDefinition | undefined;
  /** Returns the sagas whose new instances start locally with this message. */
  startedLocallyBy(topic: string, message: Message): readonly string[];
  /** Each message type once, with the sagas that react to it. */
  readonly messages: readonly Reactions[];
  /** The start topics, each with every topic that its sagas read. */
  readonly topicsByStart: ReadonlyMap<string, readonly string[]>;
  readonly commandTopics: readonly string[];
  /** Every topic that a saga reads or sends commands to. */
  readonly topics: readonly string[];
}

/** The sagas that react to the messages of one type. */
export interface Reactions {
  readonly declaration: MessageDeclaration;
  readonly names: readonly string[];
  /**
   * The definitions that take such a message whether or not they asked for it, because it starts or
   * cancels them.
   */
  readonly listeners: readonly string[];
}

/**
 * Returns the sagas that take a message. A reply names the saga whose command it answers, and no
 * other saga takes it, or locks its stream for it. Replies of earlier releases name none, so every
 * saga that reacts to their type takes them.
 */
export const takersOf = (
  { names, listeners }: Reactions,
  { saga }: Pick<MessageContext, 'saga'>,
): readonly string[] =>
  saga === undefined ? names : names.filter((name) => name === saga || listeners.includes(name));

/**
 * Throws `SagaError` (`unknown_start_version`) for a start version that is not among the
 * definitions.
 */
export function registerDefinitions(
  definitions: readonly SagaDefinition[],
  startVersions: StartVersions = {},
): Definitions {
  const sorted = definitions.toSorted((a, b) => b.version - a.version);
  const version = (name: string, number: number) =>
    sorted.find((each) => each.name === name && each.version === number);
  const twice = sorted.find((each) => version(each.name, each.version) !== each);
  if (twice !== undefined)
    throw new SagaError(
      'invalid_definition',
      `saga ${twice.name}: version ${twice.version} is registered twice`,
    );
  const starts = new Map(
    Object.entries(startVersions).map(([name, number]) => [name, registered(sorted, name, number)]),
  );
  const names = [...new Set(definitions.map(({ name }) => name))];
  const starting = (name: string) => {
    const found = starts.get(name) ?? sorted.find((each) => each.name === name);
    if (found === undefined)
      throw new SagaError('unknown_version', `no saga or timed process ${name} is registered`);
    return found;
  };
  const local = names.map(starting).filter(({ startsLocally }) => startsLocally);
  return Object.freeze({
    names,
    versions: sorted,
    version,
    starting,
    startedLocallyBy: (topic: string, message: Message) =>
      local
        .filter(({ starts }) => starts.topic.name === topic && starts.type === message.type)
        .filter(({ startsWhen }) => startsWhen === undefined || startsWhen(message))
        .map(({ name }) => name),
    messages: messagesByType(definitions),
    topicsByStart: topicsByStart(definitions),
    commandTopics: [...new Set(definitions.flatMap(commandTopicsOf))],
    topics: [...new Set(definitions.flatMap((each) => [...topicsOf(each), ...commandTopicsOf(each)]))],
  });
}

function registered(versions: readonly SagaDefinition[], name: string, number: number): SagaDefinition {
  const found = versions.find((each) => each.name === name && each.version === number);
  if (found !== undefined) return found;
  const known = versions.map((each) => `${each.name} version ${each.version}`).join(', ');
  throw new SagaError(
    'unknown_start_version',
    `startVersions: ${name} version ${number} is not registered: choose one of ${known}, or register it`,
  );
}

function messagesByType(definitions: readonly SagaDefinition[]): readonly Reactions[] {
  const found = new Map<
    string,
    { declaration: MessageDeclaration; names: Set<string>; listeners: Set<string> }
  >();
  for (const definition of definitions) {
    const outside = new Set(messagesFromOutside(definition).map(nameOf));
    for (const declaration of messagesOf(definition)) {
      const name = nameOf(declaration);
      const entry = found.get(name) ?? { declaration, names: new Set(), listeners: new Set() };
      found.set(name, entry);
      entry.names.add(definition.name);
      if (outside.has(name)) entry.listeners.add(definition.name);
    }
  }
  return [...found.values()].map(({ declaration, names, listeners }) => ({
    declaration,
    names: [...names],
    listeners: [...listeners],
  }));
}

const nameOf = ({ topic, type }: MessageDeclaration): string => `${topic.name}/${type}`;

function topicsByStart(definitions: readonly SagaDefinition[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const definition of definitions) {
    const start = definition.starts.topic.name;
    found.set(start, [...new Set([...(found.get(start) ?? []), ...topicsOf(definition)])]);
  }
  return found;
}

/** The limit up to which the live instances of a version are counted. */
export const countedMax = 10_000;

/** The number of live instances that were started with one version. */
export interface LiveVersion extends SqlRow {
  readonly definition: string;
  readonly version: number;
  readonly instances: number;
}

/**
 * Returns the versions that live instances need and that are not registered, each with the number
 * of its instances, counted up to 10,000.
 */
export async function unknownLiveVersions(
  definitions: Definitions,
  database: SqlTransaction,
): Promise<readonly LiveVersion[]> {
  const { rows } = await database.query<LiveVersion>(LIVE_VERSIONS, [countedMax]);
  return rows.filter(({ definition, version }) => definitions.version(definition, version) === undefined);
}

/**
 * Rejects with `SagaError` (`unknown_version`) while a live instance has a version that is not
 * registered.
 */
export async function assertLiveVersionsKnown(
  definitions: Definitions,
  database: SqlTransaction,
): Promise<void> {
  const missing = await unknownLiveVersions(definitions, database);
  if (missing.length === 0) return;
  const list = missing
    .map(({ definition, version, instances }) => `${definition} version ${version} (${instances} live)`)
    .join(', ');
  throw new SagaError(
    'unknown_version',
    `this code lacks ${list}: register these versions until their last instance has ended`,
  );
}

/**
 * Prevents a message that has no handler from being skipped if its key is that of a live saga of a
 * version that is not registered: it may be the reply that this saga waits for. Such a reply always
 * finds the saga's row, because a command can be answered only after the transaction that wrote the
 * command and the row has committed.
 */
export const guardUnknownVersions =
  ({ versions }: Definitions): SkipGuard =>
  async (transaction, skipped) => {
    const keys = [...new Set(skipped.map(({ key }) => key))];
    const names = versions.map(({ name }) => name);
    const numbers = versions.map(({ version }) => version);
    const { rows } = await transaction.query<UnknownInstance>(UNKNOWN_INSTANCE, [keys, names, numbers]);
    const [found] = rows;
    if (found !== undefined) throw needsVersion(found.definition, found.saga_id, found.version);
  };

interface UnknownInstance extends SqlRow {
  readonly definition: string;
  readonly saga_id: string;
  readonly version: number;
}

/**
 * Reports a fault of this process and not of the message: a process that knows the version can
 * handle it.
 */
export const needsVersion = (name: string, sagaId: string, version: number): BlockedError => {
  const message =
    `saga ${name} ${sagaId} needs version ${version}, which this process does not know: ` +
    'start a process that knows it, and stop this one';
  return new BlockedError(message, { cause: new SagaError('unknown_version', message) });
};
