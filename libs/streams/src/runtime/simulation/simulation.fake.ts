import type { FetchedRecord, TopicPartition } from '@millrace/streaming-core/client';
import { pause } from '@millrace/streaming-core/runtime';
import { applicationTopicsOf } from '../../assignment/application-topics.ts';
import { tasksOf } from '../../assignment/tasks.ts';
import { Choices } from './choices.fake.ts';
import { DurableState } from './durable-state.fake.ts';
import { SimulatedGroup } from './simulated-group.fake.ts';
import { applicationId, SimulatedProcess } from './simulated-process.fake.ts';
import { simulatedTopology } from './simulated-topology.fake.ts';
import { TransactionalLog } from './transactional-log.fake.ts';
import { VirtualClock } from './virtual-clock.fake.ts';

export interface SimulatedRecord {
  readonly key: string;
  readonly value: string;
  readonly timestampMs: number;
}

/** The records of each partition of a topic. */
export type SimulatedTopic = readonly (readonly SimulatedRecord[])[];

/** Values by key, as text. */
type Contents = ReadonlyMap<string, string>;

interface ComparedState {
  readonly rows: Contents;
  readonly logged: Contents;
}

export interface Simulated {
  /** The committed records of a topic, in the order of their partitions and offsets. */
  committed(topic: string): readonly FetchedRecord[];
  /**
   * The contents of each store in the files of the processes, with those of its changelog up to the
   * same offset.
   */
  readonly states: readonly ComparedState[];
  /** The error that ended one of the processes permanently. */
  readonly failure: Error | undefined;
  /** Whether the application has processed every record and then stopped. */
  readonly isFinished: boolean;
}

const partitionCount = 2;
const processNames = ['one', 'two'];
/**
 * The limit on steps. After many failures in a row a process waits for seconds, in which the timers
 * of the others continue to run.
 */
const stepsMax = 50_000;

/**
 * Runs an application of two processes over these records, with the faults that a test has drawn.
 */
export async function simulate(
  input: Readonly<Record<string, SimulatedTopic>>,
  drawn: readonly number[],
): Promise<Simulated> {
  const choices = new Choices(drawn);
  const clock = new VirtualClock();
  const topics = applicationTopicsOf(
    simulatedTopology({ onRecord: () => undefined, keepsInMemory: false }),
    applicationId,
  );
  const sources = topics.subTopologies.flatMap((subTopology) => subTopology.sources);
  const changelogs = topics.subTopologies.flatMap((subTopology) => subTopology.changelogs);
  const sinks = topics.subTopologies.flatMap((subTopology) => subTopology.sinks);
  const names = new Set([...sources, ...sinks, ...changelogs.map(({ topic }) => topic)]);
  const counts = new Map([...names].map((topic) => [topic, partitionCount]));
  let failure: Error | undefined;
  const log: TransactionalLog = new TransactionalLog({
    topics: counts,
    clock,
    choices,
    transactionTimeoutMs: 200,
    isMember: (owner) => group.isMember(owner),
  });
  const plans = tasksOf(topics, counts);
  const states = new Map(processNames.map((name) => [name, new DurableState()]));
  const cacheBytesMax = choices.below(2) * 1_000_000;
  const keepsInMemory = choices.below(2) === 1;
  const group: SimulatedGroup = new SimulatedGroup({
    names: processNames,
    plans,
    clock,
    choices,
    connect: (name, memberId) =>
      new SimulatedProcess({
        name,
        memberId,
        log,
        clock,
        choices,
        state: states.get(name)!,
        cacheBytesMax,
        keepsInMemory,
        onRejoin: (process) => group.rejoin(process),
        onFailed: (error) => (failure ??= error),
      }),
  });
  fill(log, input);
  const places = sources.flatMap((topic) => partitionsOf(topic));
  group.start();
  let disturbances = choices.below(12);
  const disturb = async () => {
    for (; disturbances > 0; disturbances -= 1) {
      await pause(clock, choices.below(60));
      group.disturb();
    }
  };
  void disturb();
  const isFinished = () => disturbances === 0 && !group.isChanging && isDrained(log, places);
  let steps = 0;
  while (!isFinished() && failure === undefined && steps < stepsMax) {
    await clock.step();
    steps += 1;
  }
  const finished = isFinished();
  let stopped = false;
  void group.stop().then(() => (stopped = true));
  for (; !stopped && steps < 2 * stepsMax; steps += 1) await clock.step();
  return {
    committed: (topic) => partitionsOf(topic).flatMap((place) => committedOf(log, place)),
    states: plans.flatMap(({ name, changelogs: logged }) =>
      logged.flatMap((place) => [...states.values()].map((state) => comparedState(log, place, state, name))),
    ),
    failure,
    isFinished: finished && stopped,
  };
}

const partitionsOf = (topic: string): readonly TopicPartition[] =>
  Array.from({ length: partitionCount }, (_, partition) => ({ topic, partition }));

function fill(log: TransactionalLog, input: Readonly<Record<string, SimulatedTopic>>): void {
  for (const [topic, partitions] of Object.entries(input))
    for (const [partition, records] of partitions.entries())
      for (const { key, value, timestampMs } of records)
        log.partition({ topic, partition }).append({
          key: Buffer.from(key),
          value: Buffer.from(value),
          timestampMs,
        });
}

function comparedState(log: TransactionalLog, place: TopicPartition, state: DurableState, taskName: string) {
  const store = place.topic.slice(`${applicationId}-`.length, -'-changelog'.length);
  const { rows, offset } = state.rows(taskName, store, place.topic);
  const logged = new Map<string, string>();
  for (const record of committedOf(log, place))
    if (record.offset < offset) logged.set(String(record.key), textOf(record.value));
  return {
    rows: new Map(rows.map(({ key, value }) => [Buffer.from(key).toString(), textOf(value)])),
    logged,
  };
}

/** Whether the group has committed every record of its sources. */
function isDrained(log: TransactionalLog, places: readonly TopicPartition[]): boolean {
  try {
    return places.every((place) => {
      const [committed] = log.stableOffsets([place]);
      const from = committed?.offset ?? log.partition(place).beginningOffset;
      const partition = log.partition(place);
      const isStable = partition.endOffset('read_committed') === partition.endOffset('read_uncommitted');
      return isStable && partition.read(from, 'read_committed', 1).records.length === 0;
    });
  } catch {
    return false;
  }
}

function committedOf(log: TransactionalLog, place: TopicPartition): readonly FetchedRecord[] {
  const partition = log.partition(place);
  return partition.read(partition.beginningOffset, 'read_committed', Infinity).records;
}

const countBytes = 8;

/**
 * Returns the count or the end of the history in a value, after the time that a store keeps with
 * it.
 */
const textOf = (value: Uint8Array | null): string =>
  Buffer.from(value ?? [])
    .subarray(-countBytes)
    .toString('hex');
