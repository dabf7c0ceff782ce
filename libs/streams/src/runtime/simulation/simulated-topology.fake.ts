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
  type ProcessorContext,
  type StreamRecord,
  type Topology,
} from '../../index.ts';

const text = serdes.string;

/** The text of a value without a time, which gets the time of its partition. */
export const timeless = '?';

interface SimulatedTopologyOptions {
  /** Called for each record of the history. */
  readonly onRecord: () => void;
  /** Whether histories are kept in memory and written before each commit, instead of with each record. */
  readonly keepsInMemory: boolean;
}

/**
 * Counts lines by their value, which needs a repartition topic, and keeps per key the history of
 * two topics in the order of time. Both results are right only if every record counts once.
 */
export function simulatedTopology(options: SimulatedTopologyOptions): Topology {
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
    .process(() => remembering(options), { stores: ['history'] })
    .to('remembered', produced(text, text));
  return builder.build();
}

function remembering({
  onRecord,
  keepsInMemory,
}: SimulatedTopologyOptions): Processor<string, string, string, string> {
  let store: KeyValueStore<string, string>;
  let context: ProcessorContext<string, string>;
  const histories = new Map<string, string>();
  const unwritten: StreamRecord<string, string>[] = [];
  function write() {
    for (const record of unwritten.splice(0)) {
      store.put(record.key, record.value);
      context.forward(record);
    }
  }
  return {
    init(given) {
      context = given;
      store = given.store('history');
      if (keepsInMemory) given.beforeCommit(write);
    },
    process({ key, value, timestampMs }) {
      const known = keepsInMemory ? (histories.get(key) ?? store.get(key)) : store.get(key);
      const history = withRecord(known, value, timestampMs);
      histories.set(key, history);
      unwritten.push({ key, value: history, timestampMs, headers: [] });
      if (!keepsInMemory) write();
      onRecord();
    },
  };
}

/** Appends a record to a history. */
export const withRecord = (history: string | null, value: string, timestampMs: number): string =>
  `${history ?? ''}${value}${timestampMs} `;
