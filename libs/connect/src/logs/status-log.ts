import type { ConsumedRecord, ProducerRecord } from '@millrace/streaming-core/client';

export type RunState = 'RUNNING' | 'PAUSED' | 'STOPPED' | 'FAILED' | 'UNASSIGNED' | 'RESTARTING';

export interface Status {
  readonly state: RunState;
  readonly trace: string | null;
  /** The `host:port` of the worker that reported the state. */
  readonly workerId: string;
  readonly generation: number;
}

/** A connector, or one of its tasks. */
export interface StatusPlace {
  readonly connector: string;
  readonly task?: number;
}

/**
 * The topic of states in the format of Kafka's Connect. Its keys are `status-connector-NAME`,
 * `status-task-NAME-I` and `status-topic-TOPIC:connector-NAME`.
 */
export class StatusLog {
  readonly topic: string;
  readonly #statuses = new Map<string, Status>();
  readonly #topics = new Map<string, Set<string>>();

  constructor(topic: string) {
    this.topic = topic;
  }

  apply({ key, value }: ConsumedRecord): void {
    const name = key?.toString() ?? '';
    const [, usedTopic, user] = /^status-topic-(.+?):connector-(.+)$/s.exec(name) ?? [];
    if (usedTopic !== undefined && user !== undefined)
      return this.#applyTopic(user, usedTopic, value !== null);
    if (!/^status-(connector|task)-/.test(name)) return;
    const status = value === null ? undefined : statusOf(value);
    if (status === undefined) this.#statuses.delete(name);
    else this.#statuses.set(name, status);
  }

  of(place: StatusPlace): Status | undefined {
    return this.#statuses.get(keyOf(place));
  }

  topicsOf(connector: string): readonly string[] {
    return [...(this.#topics.get(connector) ?? [])].sort();
  }

  record(place: StatusPlace, status: Status): ProducerRecord {
    const { state, trace, workerId, generation } = status;
    const value = JSON.stringify({ state, trace, worker_id: workerId, generation });
    return { topic: this.topic, key: keyOf(place), value };
  }

  topicRecord({ connector, task = 0 }: StatusPlace, name: string, nowMs: number): ProducerRecord {
    const value = { topic: { name, connector, task, discoverTimestamp: nowMs } };
    return { topic: this.topic, key: topicKey(connector, name), value: JSON.stringify(value) };
  }

  /** Returns the records that delete the list of topics that a connector has used. */
  withoutTopics(connector: string): readonly ProducerRecord[] {
    return this.topicsOf(connector).map((name) => this.#deletion(topicKey(connector, name)));
  }

  /** Returns the records that delete everything about a connector. */
  without(connector: string): readonly ProducerRecord[] {
    const own = [...this.#statuses.keys()].filter(
      (key) =>
        key === keyOf({ connector }) ||
        (key.startsWith(`status-task-${connector}-`) &&
          /^\d+$/.test(key.slice(`status-task-${connector}-`.length))),
    );
    return [...own.map((key) => this.#deletion(key)), ...this.withoutTopics(connector)];
  }

  #applyTopic(connector: string, topic: string, isUsed: boolean): void {
    const topics = this.#topics.get(connector) ?? new Set();
    this.#topics.set(connector, topics);
    if (isUsed) topics.add(topic);
    else topics.delete(topic);
  }

  #deletion(key: string): ProducerRecord {
    return { topic: this.topic, key, value: null };
  }
}

const keyOf = ({ connector, task }: StatusPlace): string =>
  task === undefined ? `status-connector-${connector}` : `status-task-${connector}-${task}`;

const topicKey = (connector: string, topic: string): string => `status-topic-${topic}:connector-${connector}`;

function statusOf(value: Buffer): Status | undefined {
  try {
    const json = JSON.parse(value.toString()) as Readonly<Record<string, unknown>>;
    return {
      state: json['state'] as RunState,
      trace: (json['trace'] ?? null) as string | null,
      workerId: String(json['worker_id']),
      generation: Number(json['generation']),
    };
  } catch {
    return undefined;
  }
}
