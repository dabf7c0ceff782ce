import type {
  FetchedPartition,
  FetchedRecord,
  FetchPosition,
  Isolation,
  OpenLogReader,
  TopicPartition,
  UndecodedPartition,
} from '@millrace/streaming-core/client';
import { pause, type Clock } from '@millrace/streaming-core/runtime';
import type { Choices } from './choices.fake.ts';
import type { Network } from './network.fake.ts';
import type { TransactionalLog } from './transactional-log.fake.ts';

type Reader = Pick<OpenLogReader, 'fetch' | 'fetchUndecoded' | 'beginningOffsets' | 'endOffsets'>;

interface SimulatedReaderParts {
  readonly log: TransactionalLog;
  readonly network: Network;
  readonly clock: Clock;
  readonly choices: Choices;
  readonly isolation: Isolation;
}

const fetchRecordsMax = 20;
const fetchMaxWaitMs = 5;

/** Reads a simulated log. Each answer has a drawn number of records per partition. */
export class SimulatedReader implements Reader {
  readonly #parts: SimulatedReaderParts;

  constructor(parts: SimulatedReaderParts) {
    this.#parts = parts;
  }

  async fetch(positions: readonly FetchPosition[]): Promise<readonly FetchedPartition<FetchedRecord>[]> {
    const { network, clock } = this.#parts;
    const fetched = await network.call(() => positions.map((position) => this.#read(position)));
    if (fetched.every(({ records }) => records.length === 0)) await pause(clock, fetchMaxWaitMs);
    return fetched;
  }

  /** Fetches like a broker, which may return records before the position. These count as well. */
  async fetchUndecoded(positions: readonly FetchPosition[]): Promise<readonly UndecodedPartition[]> {
    const fetched = await this.fetch(positions);
    return fetched.map(({ records, ...partition }) => {
      const left = [...records];
      const countMax = records.length + this.#parts.choices.below(3);
      return { ...partition, records: { countMax, sizeBytes: countMax, next: () => left.shift() } };
    });
  }

  beginningOffsets(places: readonly TopicPartition[]) {
    const { network, log } = this.#parts;
    return network.call(() =>
      places.map((place) => ({ ...place, offset: log.partition(place).beginningOffset })),
    );
  }

  endOffsets(places: readonly TopicPartition[]) {
    const { network, log, isolation } = this.#parts;
    return network.call(() =>
      places.map((place) => ({ ...place, offset: log.partition(place).endOffset(isolation) })),
    );
  }

  #read({ topic, partition, offset }: FetchPosition): FetchedPartition<FetchedRecord> {
    const { log, isolation, choices } = this.#parts;
    const place = { topic, partition };
    const entries = log.partition(place);
    const ends = {
      highWatermark: entries.endOffset('read_uncommitted'),
      lastStableOffset: entries.endOffset('read_committed'),
    };
    try {
      const recordsMax = fetchRecordsMax - choices.below(fetchRecordsMax + 1);
      return { ...place, ...entries.read(offset, isolation, recordsMax), ...ends };
    } catch (error) {
      return { ...place, records: [], nextOffset: offset, ...ends, error: error as Error };
    }
  }
}
