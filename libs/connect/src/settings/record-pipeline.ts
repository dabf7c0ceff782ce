import type { Converter } from '../converters/converter.ts';
import { kindOf, type PluginTable } from './plugin-table.ts';
import { listOf, type ConnectConfig } from '../plugin/setting.ts';
import type { Predicate } from '../transforms/routing.ts';
import type { TransformStep } from '../transforms/transform-chain.ts';
import { withoutPrefix } from './validation.ts';

/** The converters and transforms of a task, made from its valid configuration. */
export interface RecordPipeline {
  readonly key: Converter;
  readonly value: Converter;
  readonly header: Converter;
  readonly transforms: readonly TransformStep[];
  /** The class of the converter for each stage. */
  readonly classes: Readonly<Record<ConversionStage, string>>;
}

/** A conversion by its name in the headers of Kafka's dead letters. */
export type ConversionStage = 'KEY_CONVERTER' | 'VALUE_CONVERTER' | 'HEADER_CONVERTER';

export function recordPipeline(plugins: PluginTable, config: ConnectConfig): RecordPipeline {
  const kind = (name: string) => kindOf(plugins.headerConverters, config[name])!;
  const converter = (name: string, isKey: boolean) =>
    kind(name).create(withoutPrefix(config, `${name}.`), isKey);
  const predicates = new Map(
    listOf(config['predicates']).map((name) => {
      const own = withoutPrefix(config, `predicates.${name}.`);
      return [name, kindOf(plugins.predicates, own['type'])!.create(own)];
    }),
  );
  return {
    key: converter('key.converter', true),
    value: converter('value.converter', false),
    header: converter('header.converter', false),
    classes: {
      KEY_CONVERTER: kind('key.converter').class,
      VALUE_CONVERTER: kind('value.converter').class,
      HEADER_CONVERTER: kind('header.converter').class,
    },
    transforms: listOf(config['transforms']).map((name) => {
      const own = withoutPrefix(config, `transforms.${name}.`);
      const transform = kindOf(plugins.transforms, own['type'])!;
      const predicate = predicates.get(own['predicate'] ?? '');
      return {
        class: transform.class,
        transform: transform.create(own),
        ...(predicate && { applies: own['negate'] === 'true' ? not(predicate) : predicate }),
      };
    }),
  };
}

const not =
  (predicate: Predicate): Predicate =>
  (record) =>
    !predicate(record);
