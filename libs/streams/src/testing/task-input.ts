import type { DecodedRecord, RawRecord } from '../task/task-record.ts';
import type { TopologyTask } from '../task/topology-task.ts';

/** The records that wait for a task: per topic in their order, among topics by time. */
export class TaskInput {
  readonly #task: TopologyTask;
  readonly #raw = new Map<string, RawRecord[]>();
  readonly #heads = new Map<string, DecodedRecord>();

  constructor(task: TopologyTask) {
    this.#task = task;
  }

  add(record: RawRecord): void {
    const waiting = this.#raw.get(record.topic) ?? [];
    waiting.push(record);
    this.#raw.set(record.topic, waiting);
    this.#fillHead(record.topic);
  }

  /** The next record that the task has to process. */
  take(): DecodedRecord | undefined {
    const [first, ...others] = this.#heads.values();
    if (first === undefined) return undefined;
    const next = others.reduce((one, other) => (other.timestampMs < one.timestampMs ? other : one), first);
    this.#heads.delete(next.topic);
    return next;
  }

  /** To be called after the record was processed, since its time is known to the task only then. */
  advance(topic: string): void {
    this.#fillHead(topic);
  }

  #fillHead(topic: string): void {
    const waiting = this.#raw.get(topic) ?? [];
    while (!this.#heads.has(topic) && waiting.length > 0) {
      const raw = waiting.shift();
      const head = raw === undefined ? undefined : this.#task.decode(raw);
      if (head !== undefined) this.#heads.set(topic, head);
    }
  }
}
