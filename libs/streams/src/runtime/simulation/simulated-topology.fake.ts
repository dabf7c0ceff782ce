import {
  consumed,
  grouped,
  keyValueStore,
  materialized,
  produced,
  serdes,
  StreamsBuilder,
  type KeyValueStore,
  type Processor,
  type Topology,
} from '../../index.ts';

const text = serdes.string;

/** The text of a value without a time, which gets the time of its partition. */
export const timeless = '?';

/**
 * Counts lines by their value, which needs a repartition topic, and keeps per key the history of
 * two topics in the order of time. Both results are right only if every record counts once.
 * `onRecord` is called for each record of the history.
 */
export function simulatedTopology(onRecord: () => void): Topology {
  const builder = new StreamsBuilder();
  builder
    .stream('lines', consumed(text, text))
    .groupBy((_key, value) => value, grouped(text, text))
    .count(materialized('counts'))
    .toStream()
    .to('counted', produced(text, serdes.safeLong));
  builder.addStateStore(keyValueStore('history', text, text));
  const timestampExtractor = (
    { value, timestampMs }: { value: unknown; timestampMs: number },
    last: number,
  ) => (value === timeless ? last : timestampMs);
  builder
    .stream(['left', 'right'], consumed(text, text, { timestampExtractor }))
    .process(() => remembering(onRecord), { stores: ['history'] })
    .to('remembered', produced(text, text));
  return builder.build();
}

function remembering(onRecord: () => void): Processor<string, string, string, string> {
  let store: KeyValueStore<string, string>;
  let forward: (history: { key: string; value: string; timestampMs: number }) => void;
  return {
    init(context) {
      store = context.store('history');
      forward = (history) => context.forward({ ...history, headers: [] });
    },
    process({ key, value, timestampMs }) {
      const history = withRecord(store.get(key), value, timestampMs);
      store.put(key, history);
      forward({ key, value: history, timestampMs });
      onRecord();
    },
  };
}

/** Appends a record to a history. */
export const withRecord = (history: string | null, value: string, timestampMs: number): string =>
  `${history ?? ''}${value}${timestampMs} `;
