import type { SqlRow, SqlTransaction } from '@millrace/streaming-core/postgres';
import type { MessageDeclaration } from '@millrace/streaming-core/contract';
import { commandTopicsOf, messagesOf, topicsOf, type SagaDefinition } from '../definition/definition.ts';
import { SagaError } from '../errors.ts';
import { LIVE_VERSIONS } from '../postgres/saga.sql.ts';

/** Every registered version of every saga. */
export interface Definitions {
  readonly names: readonly string[];
  /** New instances start with the newest version. */
  newest(name: string): SagaDefinition;
  version(name: string, version: number): SagaDefinition | undefined;
  /** Each message type once, with the sagas that react to it. */
  readonly messages: readonly {
    readonly declaration: MessageDeclaration;
    readonly names: readonly string[];
  }[];
  /** Start topics, each with every topic that its sagas read. */
  readonly topicsByStart: ReadonlyMap<string, readonly string[]>;
  /** Every topic that a saga reads or sends commands to. */
  readonly topics: readonly string[];
}

export function registerDefinitions(definitions: readonly SagaDefinition[]): Definitions {
  const sorted = definitions.toSorted((a, b) => b.version - a.version);
  const version = (name: string, number: number) =>
    sorted.find((each) => each.name === name && each.version === number);
  const twice = sorted.find((each) => version(each.name, each.version) !== each);
  if (twice !== undefined)
    throw new SagaError(
      'invalid_definition',
      `saga ${twice.name}: version ${twice.version} is registered twice`,
    );
  return Object.freeze({
    names: [...new Set(definitions.map(({ name }) => name))],
    version,
    newest(name: string) {
      const found = sorted.find((each) => each.name === name);
      if (found === undefined) throw new SagaError('unknown_version', `saga ${name} is not registered`);
      return found;
    },
    messages: messagesByType(definitions),
    topicsByStart: topicsByStart(definitions),
    topics: [...new Set(definitions.flatMap((each) => [...topicsOf(each), ...commandTopicsOf(each)]))],
  });
}

function messagesByType(definitions: readonly SagaDefinition[]): Definitions['messages'] {
  const found = new Map<string, { declaration: MessageDeclaration; names: Set<string> }>();
  for (const definition of definitions)
    for (const declaration of messagesOf(definition)) {
      const key = `${declaration.topic.name}/${declaration.type}`;
      const entry = found.get(key) ?? { declaration, names: new Set<string>() };
      found.set(key, { declaration, names: entry.names.add(definition.name) });
    }
  return [...found.values()].map(({ declaration, names }) => ({ declaration, names: [...names] }));
}

function topicsByStart(definitions: readonly SagaDefinition[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const definition of definitions) {
    const start = definition.starts.topic.name;
    found.set(start, [...new Set([...(found.get(start) ?? []), ...topicsOf(definition)])]);
  }
  return found;
}

interface LiveVersion extends SqlRow {
  readonly definition: string;
  readonly version: number;
  readonly instances: number;
}

/** Rejects with `SagaError` (`unknown_version`) while an instance that has not ended was started by a version that is not registered. */
export async function assertLiveVersionsKnown(
  definitions: Definitions,
  database: SqlTransaction,
): Promise<void> {
  const { rows } = await database.query<LiveVersion>(LIVE_VERSIONS);
  const missing = rows.filter(
    ({ definition, version }) => definitions.version(definition, version) === undefined,
  );
  if (missing.length === 0) return;
  const list = missing
    .map(({ definition, version, instances }) => `${definition} version ${version} (${instances} live)`)
    .join(', ');
  throw new SagaError(
    'unknown_version',
    `this code lacks ${list}: register these versions until their last instance has ended`,
  );
}
