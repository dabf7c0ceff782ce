import { NumericMap, ProduceAcks, ProtocolError, type MessageRecord } from '@platformatic/kafka';
import { ClientError, toClientError } from './client-error.ts';
import type { CoordinatorClient } from './coordinator-client.ts';
import { negotiatedApi, type ProduceResponse } from './library-types.ts';
import { toMessage, toMetadata } from './produce-message.ts';
import type { PlacedRecord } from './record-placement.ts';
import { lookUpTopics, type TopicLookup } from './topic-lookup.ts';
import type { ProducerIdentity, WireSettings } from './transaction-wire.ts';
import type { RecordMetadata, TopicPartition } from './types.ts';

/** Sequence numbers are 31 bits wide and go round (KIP-98). */
const sequences = 2 ** 31;

type WrittenBatch = TopicPartition & { readonly offset: bigint };

/**
 * Writes a transaction's batches to the leaders of their partitions. A batch is repeated under the same sequence number until it is acknowledged, so
 * the broker drops what it has already.
 */
export class BatchWriter {
  readonly #settings: WireSettings;
  readonly #coordinators: CoordinatorClient;
  #next = new NumericMap();

  constructor(settings: WireSettings, coordinators: CoordinatorClient) {
    this.#settings = settings;
    this.#coordinators = coordinators;
  }

  /** Under a new epoch every sequence begins at 0. */
  restart(): void {
    this.#next = new NumericMap();
  }

  async write(records: readonly PlacedRecord[], identity: ProducerIdentity, deadline: number): Promise<readonly RecordMetadata[]> {
    const topics = [...new Set(records.map(({ topic }) => topic))];
    const written: WrittenBatch[] = [];
    let waiting = records;
    await this.#coordinators.persistently('sending records', deadline, async (round) => {
      const lookup = await lookUpTopics(this.#coordinators.library, this.#settings, topics, round > 0);
      const requests = byLeader(waiting, lookup);
      const answers = await Promise.allSettled(requests.map(([leader, batch]) => this.#produce(leader, batch, lookup, identity)));
      for (const answer of answers) if (answer.status === 'fulfilled') written.push(...answer.value.written);
      waiting = waiting.filter((record) => !written.some((batch) => isAt(record, batch)));
      for (const answer of answers) {
        if (answer.status === 'rejected') throw answer.reason;
        if (answer.value.refusal) throw answer.value.refusal;
      }
    });
    return toMetadata(records, written);
  }

  async #produce(
    leader: number,
    records: readonly PlacedRecord[],
    { brokers }: TopicLookup,
    identity: ProducerIdentity,
  ): Promise<{ readonly written: readonly WrittenBatch[]; readonly refusal?: ClientError }> {
    const { library } = this.#coordinators;
    const broker = brokers.get(leader);
    if (!broker) throw new ClientError('unreachable', `partition ${records[0]?.topic}/${records[0]?.partition} has no leader just now`);
    const { transactionalId, requestTimeoutMs } = this.#settings;
    const connection = await library.connections.get(broker);
    const api = await negotiatedApi(library, 'Produce');
    const options = { transactionalId, ...identity, sequences: this.#next };
    const messages = records.map(toMessage) as MessageRecord[]; // it writes a value that is absent as null, which its type does not say
    const response = await api.async(connection, ProduceAcks.ALL, requestTimeoutMs, messages, options).catch(answerIn);
    return this.#take(records, response);
  }

  #take(records: readonly PlacedRecord[], { responses }: ProduceResponse) {
    const written: WrittenBatch[] = [];
    let refusal: ClientError | undefined;
    for (const { name: topic, partitionResponses } of responses)
      for (const { index: partition, errorCode, errorMessage, baseOffset } of partitionResponses) {
        if (errorCode !== 0) {
          refusal ??= toClientError(new ProtocolError(errorCode, errorMessage), `writing to ${topic}/${partition}`);
          continue;
        }
        const key = `${topic}:${partition}`;
        const count = records.filter((record) => isAt(record, { topic, partition })).length;
        this.#next.set(key, (this.#next.getWithDefault(key, 0) + count) % sequences);
        written.push({ topic, partition, offset: baseOffset });
      }
    return { written, refusal };
  }
}

/** One refused partition makes the library throw; the answer with the others is in the error. */
function answerIn(error: unknown): ProduceResponse {
  const { response } = error as { readonly response?: ProduceResponse };
  if (response?.responses) return response;
  throw error;
}

const isAt = (record: TopicPartition, { topic, partition }: TopicPartition): boolean =>
  record.topic === topic && record.partition === partition;

function byLeader(records: readonly PlacedRecord[], { found }: TopicLookup): ReadonlyArray<readonly [number, PlacedRecord[]]> {
  const requests = new Map<number, PlacedRecord[]>();
  for (const record of records) {
    const leader = found.get(record.topic)?.partitions[record.partition]?.leader ?? -1;
    const request = requests.get(leader);
    if (request) request.push(record);
    else requests.set(leader, [record]);
  }
  return [...requests];
}
