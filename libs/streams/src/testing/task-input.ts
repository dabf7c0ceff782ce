import type { DecodedRecord } from '../task/task-record.ts';
import type { TopologyTask } from '../task/topology-task.ts';
import type { TopicLog } from './topic-log.ts';

/** How far a task has read its topics, and the time of each. */
export interface InputPosition {
  readonly next: number;
  readonly timeMs: number;
}

/** The records that wait for a task: per topic in their order, among topics by time. */
export class TaskInput {
  readonly #task: TopologyTask;
  readonly #log: TopicLog;
  readonly #next = new Map<string, number>();
  readonly #heads = new Map<string, DecodedRecord>();

  /** Goes on from the positions, which are those of the last commit. */
  constructor(task: TopologyTask, log: TopicLog, from: ReadonlyMap<string, InputPosition>) {
    this.#task = task;
    this.#log = log;
    for (const [topic, { next, timeMs }] of from) {
      this.#next.set(topic, next);
      if (timeMs >= 0) task.setPartitionTime(topic, 0, timeMs);
    }
  }

  /** The next record that the task has to process. Its topic is read on only after that. */
  take(): DecodedRecord | undefined {
    for (const topic of this.#task.sourceTopics) this.#fillHead(topic);
    const [first, ...others] = this.#heads.values();
    if (first === undefined) return undefined;
    const taken = others.reduce((one, other) => (other.timestampMs < one.timestampMs ? other : one), first);
    this.#heads.delete(taken.topic);
    return taken;
  }

  /** Where to go on after a commit of all records that were taken. */
  positions(): ReadonlyMap<string, InputPosition> {
    const positions = this.#task.sourceTopics.map((topic): [string, InputPosition] => {
      const isHeadWaiting = this.#heads.has(topic) ? 1 : 0;
      const next = (this.#next.get(topic) ?? 0) - isHeadWaiting;
      return [topic, { next, timeMs: this.#task.partitionTimeMs(topic, 0) }];
    });
    return new Map(positions);
  }

  #fillHead(topic: string): void {
    while (!this.#heads.has(topic)) {
      const next = this.#next.get(topic) ?? 0;
      const raw = this.#log.records(topic)[next];
      if (raw === undefined) return;
      this.#next.set(topic, next + 1);
      const head = this.#task.decode(raw);
      if (head !== undefined) this.#heads.set(topic, head);
    }
  }
}
