import type { ConverterKind } from '../converters/converter.ts';
import { jsonConverter } from '../converters/json-converter.ts';
import {
  byteArrayConverter,
  simpleHeaderConverter,
  stringConverter,
} from '../converters/plain-converters.ts';
import { extractField, insertField, replaceField, valueToKey } from '../transforms/field-transforms.ts';
import {
  filter,
  hasHeaderKey,
  recordIsTombstone,
  regexRouter,
  topicNameMatches,
  type PredicateKind,
} from '../transforms/routing.ts';
import { eventRouter } from '../transforms/event-router.ts';
import { extractNewRecordState } from '../transforms/extract-new-record-state.ts';
import { dropHeaders, insertHeader } from '../transforms/header-transforms.ts';
import { timestampConverter } from '../transforms/timestamp-converter.ts';
import type { Connector } from '../plugin/connector.ts';
import type { TransformKind } from '../plugin/transform.ts';

/** The connectors, converters, transforms and predicates that a configuration may name, by their classes. */
export interface PluginTable {
  readonly connectors: readonly Connector[];
  readonly converters: readonly ConverterKind[];
  readonly headerConverters: readonly ConverterKind[];
  readonly transforms: readonly TransformKind[];
  readonly predicates: readonly PredicateKind[];
  /** Classes of connectors that do not run here, each with the remedy. */
  readonly elsewhere: ReadonlyMap<string, string>;
}

export interface AddedPlugins extends Partial<Pick<PluginTable, 'converters' | 'transforms' | 'elsewhere'>> {
  readonly connectors: readonly Connector[];
}

/** Adds these plugins to the converters, transforms and predicates that every worker has. */
export const pluginTable = (added: AddedPlugins): PluginTable => {
  const converters = [jsonConverter, stringConverter, byteArrayConverter, ...(added.converters ?? [])];
  return {
    connectors: added.connectors,
    converters,
    headerConverters: [simpleHeaderConverter, ...converters],
    transforms: [
      ...extractField,
      valueToKey,
      ...insertField,
      ...replaceField,
      regexRouter,
      ...timestampConverter,
      insertHeader,
      dropHeaders,
      extractNewRecordState,
      eventRouter,
      filter,
      ...(added.transforms ?? []),
    ],
    predicates: [topicNameMatches, hasHeaderKey, recordIsTombstone],
    elsewhere: added.elsewhere ?? new Map(),
  };
};

export const connectorOf = ({ connectors }: PluginTable, name: string | undefined): Connector | undefined =>
  connectors.find((one) => name !== undefined && (one.class === name || one.aliases.includes(name)));

/** Finds a plugin by its class, or by its class without the package. */
export const kindOf = <Kind extends { readonly class: string }>(
  kinds: readonly Kind[],
  name: string | undefined,
): Kind | undefined =>
  kinds.find((kind) => kind.class === name || kind.class.slice(kind.class.lastIndexOf('.') + 1) === name);
