import {
  consumed,
  grouped,
  produced,
  serdes,
  type Consumed,
  type Grouped,
  type KStream,
  type KTable,
  type Produced,
  type Serde,
  type StreamsBuilder,
  type Windowed,
} from '@millrace/streams';
import type { Input } from '../scripts/input.ts';

/** The topology that has the same name in `src/java`, and what its scripts write. */
export interface TopologyCase {
  readonly name: string;
  /** 0 lets every update through. */
  readonly cacheBytesMax: number;
  /** A node that throws skips its record, and the application goes on. */
  readonly skipsFailed?: boolean;
  readonly inputs: readonly Input[];
  readonly build: (builder: StreamsBuilder) => void;
}

const cacheBytes = 10 * 1024 * 1024;

export const uncached = (
  name: string,
  inputs: readonly Input[],
  build: TopologyCase['build'],
): TopologyCase => ({ name, inputs, build, cacheBytesMax: 0 });

export const cached = (
  name: string,
  inputs: readonly Input[],
  build: TopologyCase['build'],
): TopologyCase => ({ name, inputs, build, cacheBytesMax: cacheBytes });

/** The case with nodes that may throw. */
export const skippingFailed = (each: TopologyCase): TopologyCase => ({ ...each, skipsFailed: true });

/** Records of the scripts may lack a key or a value. */
export type Text = string | null;

export const text = <T extends Text>(name?: string): Consumed<T, T> =>
  consumed<Text, Text>(serdes.string, serdes.string, { name }) as Consumed<T, T>;

export const textStream = (builder: StreamsBuilder, topic: string): KStream<Text, Text> =>
  builder.stream(topic, text());

export const textTable = (builder: StreamsBuilder, topic: string): KTable<string, string> =>
  builder.table(topic, text());

export const groupedText = <K extends Text, V extends Text>(name?: string): Grouped<K, V> =>
  grouped<Text, Text>(serdes.string, serdes.string, name) as Grouped<K, V>;

export const texts = <K extends Text, V extends Text>(name?: string): Produced<K, V> =>
  produced<Text, Text>(serdes.string, serdes.string, { name }) as Produced<K, V>;

export const counts = <K extends Text>(): Produced<K, number | null> =>
  produced<Text, number | null>(serdes.string, serdes.safeLong) as Produced<K, number | null>;

/** Windows of time, which have a size, or sessions. */
export const windowed = <V>(valueSerde: Serde<V>, sizeMs?: number): Produced<Windowed<string>, V | null> =>
  produced<Windowed<string>, V | null>(
    sizeMs === undefined ? serdes.sessionWindowed(serdes.string) : serdes.timeWindowed(serdes.string, sizeMs),
    valueSerde,
  );

export const textStore = { keySerde: serdes.string, valueSerde: serdes.string } as const;

/** The last characters, so that what is concatenated does not grow without end. */
export const tail = (all: string): string => all.slice(-12);

export const letterOf = (value: Text): Text => (value === null ? null : value.slice(0, 1));

export const hasValue = (_key: Text, value: Text): boolean => value !== null;
