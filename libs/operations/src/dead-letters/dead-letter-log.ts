import {
  ClientError,
  type FetchedRecord,
  type OpenLogReader,
  type TopicIdentity,
} from '@millrace/streaming-core/client';
import { deadLetterTopicOf } from '@millrace/streaming-core/contract';
import { toDeadLetter, type DeadLetter, type DeadLetterPosition } from './dead-letter.ts';

/** The number of records that one call reads at most, so that a request ends. */
const scannedMax = 5_000;

export interface DeadLetterLogOptions {
  readonly reader: OpenLogReader;
  /** Resolves to the topics that exist. */
  readonly describeTopics: (topics: readonly string[]) => Promise<ReadonlyMap<string, TopicIdentity>>;
  /** The topics whose dead letters belong to this service. */
  readonly topics: readonly string[];
  /** The groups of this service. Dead letters of other groups on the same topics are left out. */
  readonly groups: readonly string[];
}

interface Scanned {
  readonly letters: readonly DeadLetter[];
  /** The place from which the next call continues. Undefined after the last record. */
  readonly next: DeadLetterPosition | undefined;
}

/** A page of letters, and the offset before which there is no other since the page before. */
interface Beginning {
  readonly letters: readonly DeadLetter[];
  readonly end: bigint;
}

/** Reads the dead letters of a service from the log. */
export interface DeadLetterLog {
  /** Reads letters that `wanted` accepts, from a place on, in the order of topics and offsets. */
  scan(
    from: DeadLetterPosition | undefined,
    limit: number,
    wanted: (letter: DeadLetter) => boolean,
  ): Promise<Scanned>;
  /** Resolves to undefined if the log has no such letter of this service. */
  one(place: DeadLetterPosition): Promise<DeadLetter | undefined>;
  /** Reads the letters of every group from the beginning of a topic, page by page. */
  beginning(topic: string): AsyncIterable<Beginning>;
}

interface Stretch extends DeadLetterPosition {
  readonly topicId: string;
  readonly end: bigint;
}

interface Page {
  readonly records: readonly FetchedRecord[];
  readonly nextOffset: bigint;
}

/**
 * Creates a reader of the dead letters that these groups have of these topics. Its caller keeps and
 * closes `reader`.
 */
export function deadLetterLog({
  reader,
  describeTopics,
  topics,
  groups,
}: DeadLetterLogOptions): DeadLetterLog {
  const names = topics.map(deadLetterTopicOf).sort();

  async function stretches(from: DeadLetterPosition | undefined): Promise<readonly Stretch[]> {
    const found = await describeTopics(names);
    const places = [...found]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .flatMap(([topic, { topicId, partitions }]) =>
        Array.from({ length: partitions }, (_, partition) => ({ topic, topicId, partition })),
      )
      .filter((place) => from === undefined || compare(place, from) >= 0);
    if (places.length === 0) return [];
    await reader.identify([...new Set(places.map(({ topic }) => topic))]);
    const [begins, ends] = await Promise.all([reader.beginningOffsets(places), reader.endOffsets(places)]);
    return places.map((place) => {
      const begin = begins.find((each) => compare(each, place) === 0)?.offset ?? 0n;
      const end = ends.find((each) => compare(each, place) === 0)?.offset ?? 0n;
      const asked = from !== undefined && compare(place, from) === 0 ? from.offset : begin;
      return { ...place, offset: asked > begin ? asked : begin, end };
    });
  }

  /** Reads from the place on, or from the first record if those before it were deleted meanwhile. */
  async function read(place: DeadLetterPosition): Promise<Page> {
    const page = (await reader.fetch([place]))[0]!;
    const { error } = page;
    if (error === undefined) return page;
    if (!(error instanceof ClientError && error.code === 'offset_out_of_range')) throw error;
    const [begin] = await reader.beginningOffsets([place]);
    if (begin === undefined || begin.offset <= place.offset) throw error;
    return { records: [], nextOffset: begin.offset };
  }

  async function scan(
    from: DeadLetterPosition | undefined,
    limit: number,
    wanted: (letter: DeadLetter) => boolean,
  ): Promise<Scanned> {
    const letters: DeadLetter[] = [];
    let scanned = 0;
    for (const { topicId, end, ...place } of await stretches(from))
      for (let offset = place.offset; offset < end;) {
        const next = { ...place, offset };
        if (scanned >= scannedMax) return { letters, next };
        const page = await read(next);
        for (const record of page.records) {
          const letter = toDeadLetter(record, topicId);
          if (!groups.includes(letter.group) || !wanted(letter)) continue;
          if (letters.length === limit) return { letters, next: { ...place, offset: record.offset } };
          letters.push(letter);
        }
        scanned += page.records.length;
        offset = page.nextOffset;
      }
    return { letters, next: undefined };
  }

  async function* beginning(topic: string): AsyncIterable<Beginning> {
    const [stretch] = (await stretches(undefined)).filter((each) => each.topic === topic);
    if (stretch === undefined) return;
    let scanned = 0;
    for (let { offset } = stretch; offset < stretch.end && scanned < scannedMax;) {
      const page = await read({ topic, partition: stretch.partition, offset });
      yield {
        letters: page.records.map((record) => toDeadLetter(record, stretch.topicId)),
        end: page.nextOffset,
      };
      scanned += page.records.length;
      offset = page.nextOffset;
    }
  }

  return {
    scan,
    beginning,
    async one(place) {
      if (!names.includes(place.topic)) return undefined;
      const [stretch] = (await stretches(place)).filter((each) => compare(each, place) === 0);
      if (stretch === undefined || place.offset !== stretch.offset || place.offset >= stretch.end)
        return undefined;
      let page = await read(place);
      // A fetch may return nothing, for instance if another one reads the same partition.
      while (page.nextOffset === place.offset) page = await read(place);
      const record = page.records.find(({ offset }) => offset === place.offset);
      const letter = record && toDeadLetter(record, stretch.topicId);
      return letter && groups.includes(letter.group) ? letter : undefined;
    },
  };
}

type Partition = Pick<DeadLetterPosition, 'topic' | 'partition'>;

const compare = (one: Partition, other: Partition): number =>
  one.topic === other.topic ? one.partition - other.partition : one.topic < other.topic ? -1 : 1;
