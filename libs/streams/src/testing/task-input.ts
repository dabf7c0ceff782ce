import type { DecodedRecord } from '../task/task-record.ts';
import type { TopologyTask } from '../task/topology-task.ts';
import type { TopicLog } from './topic-log.ts';

/** The position of a task in a topic, and the topic's time. */
export interface InputPosition {
  readonly next: number;
  readonly timeMs: number;
}

/** The records that wait for a task: in their order per topic, and by time among topics. */
export class TaskInput {
  readonly #task: TopologyTask;
  readonly #log: TopicLog;
  readonly #next = new Map<string, number>();
  /** The topics with a decoded record that waits. */
  readonly #waiting = new Set<string>();
  readonly #heads = new TimeHeap<DecodedRecord>();

  /** Continues from the positions, which are those of the last commit. */
  constructor(task: TopologyTask, log: TopicLog, from: ReadonlyMap<string, InputPosition>) {
    this.#task = task;
    this.#log = log;
    for (const [topic, { next, timeMs }] of from) {
      this.#next.set(topic, next);
      if (timeMs >= 0) task.setPartitionTime(topic, 0, timeMs);
    }
    for (const topic of task.sourceTopics) this.#fillHead(topic);
  }

  /** Takes the next record that the task has to process. */
  take(): DecodedRecord | undefined {
    for (const topic of this.#log.takeAppended()) if (this.#task.reads(topic)) this.#fillHead(topic);
    const taken = this.#heads.poll();
    if (taken !== undefined) this.#waiting.delete(taken.topic);
    return taken;
  }

  /**
   * Makes the next record of the topic available. Call it after a record was processed, since the
   * time of the next one may depend on it.
   */
  advance(topic: string): void {
    this.#fillHead(topic);
  }

  /** Returns the positions to continue from after a commit of all taken records. */
  positions(): ReadonlyMap<string, InputPosition> {
    const positions = this.#task.sourceTopics.map((topic): [string, InputPosition] => {
      const next = (this.#next.get(topic) ?? 0) - (this.#waiting.has(topic) ? 1 : 0);
      return [topic, { next, timeMs: this.#task.partitionTimeMs(topic, 0) }];
    });
    return new Map(positions);
  }

  #fillHead(topic: string): void {
    while (!this.#waiting.has(topic)) {
      const next = this.#next.get(topic) ?? 0;
      const raw = this.#log.records(topic)[next];
      if (raw === undefined) return;
      this.#next.set(topic, next + 1);
      const head = this.#task.decode(raw);
      if (head === undefined) continue;
      this.#waiting.add(topic);
      this.#heads.offer(head);
    }
  }
}

interface Timed {
  readonly timestampMs: number;
}

/**
 * A heap whose first element has the smallest time. Equal times come out in the order of Java's
 * `PriorityQueue`, with which Kafka Streams chooses among its partitions.
 */
export class TimeHeap<T extends Timed> {
  readonly #elements: T[] = [];

  offer(element: T): void {
    let place = this.#elements.length;
    this.#elements.push(element);
    while (place > 0) {
      const parent = (place - 1) >>> 1;
      if (element.timestampMs >= this.#timeAt(parent)) break;
      this.#copy(parent, place);
      place = parent;
    }
    this.#elements[place] = element;
  }

  poll(): T | undefined {
    const [least] = this.#elements;
    const last = this.#elements.pop();
    if (last !== undefined && this.#elements.length > 0) this.#sink(last);
    return least;
  }

  #sink(element: T): void {
    const size = this.#elements.length;
    let place = 0;
    while (place < size >>> 1) {
      const left = 2 * place + 1;
      const right = left + 1;
      const child = right < size && this.#timeAt(left) > this.#timeAt(right) ? right : left;
      if (element.timestampMs <= this.#timeAt(child)) break;
      this.#copy(child, place);
      place = child;
    }
    this.#elements[place] = element;
  }

  #timeAt(place: number): number {
    return this.#elements[place]?.timestampMs ?? Infinity;
  }

  #copy(from: number, to: number): void {
    const element = this.#elements[from];
    if (element !== undefined) this.#elements[to] = element;
  }
}
