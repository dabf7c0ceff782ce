import type { TestDatabase } from '@millrace/testing/postgres';
import { until } from '@millrace/testing/within';

export interface TaskState {
  readonly state: string;
  /** The error of a failed task, with its stack. */
  readonly trace?: string;
}

export type ConnectorConfig = Readonly<Record<string, string>>;

/** Captures tables of a database. The prefix of the topics is the name of the slot and the publication as well. */
export function captureOf(
  { url, name }: Pick<TestDatabase, 'url' | 'name'>,
  prefix: string,
  tables: string,
): ConnectorConfig {
  const { hostname, port, username, password } = new URL(url);
  return {
    'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
    'database.hostname': hostname,
    'database.port': port,
    'database.user': username,
    'database.password': password,
    'database.dbname': name,
    'topic.prefix': prefix,
    'table.include.list': tables,
    'slot.name': prefix,
    'publication.name': prefix,
  };
}

const stateMsMax = 120_000;

/** The REST interface of a worker, ours or that of Kafka's own Connect. */
export class ConnectRest {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  answers(): Promise<boolean> {
    return fetch(`${this.#url}/connectors`).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  /** Creates a connector. Rejects with the worker's error. */
  create(name: string, config: ConnectorConfig): Promise<void> {
    return this.#ask('POST', '/connectors', { name, config });
  }

  configure(name: string, config: ConnectorConfig): Promise<void> {
    return this.#ask('PUT', `/connectors/${name}/config`, config);
  }

  /** Removes it, if there is one. */
  async remove(name: string): Promise<void> {
    await fetch(`${this.#url}/connectors/${name}`, { method: 'DELETE' });
  }

  /** Resolves once its tasks have ended, so that its slot is free. */
  async stop(name: string): Promise<void> {
    await this.#ask('PUT', `/connectors/${name}/stop`);
    await until(
      () => this.tasks(name),
      ({ length }) => length === 0,
      stateMsMax,
    );
  }

  /** Sets the offset of a connector that is stopped. */
  setOffset(name: string, partition: object, offset: object): Promise<void> {
    return this.#ask('PATCH', `/connectors/${name}/offsets`, { offsets: [{ partition, offset }] });
  }

  resume(name: string): Promise<void> {
    return this.#ask('PUT', `/connectors/${name}/resume`);
  }

  /** Resolves once its task runs. Rejects with the trace of a failed task. */
  async running(name: string): Promise<void> {
    const [task] = await until(
      () => this.tasks(name),
      ([first]) => first?.state === 'RUNNING' || first?.state === 'FAILED',
      stateMsMax,
    );
    if (task?.state === 'FAILED') throw new Error(`the connector ${name} has failed: ${task.trace}`);
  }

  async tasks(name: string): Promise<readonly TaskState[]> {
    const response = await fetch(`${this.#url}/connectors/${name}/status`);
    return response.ok ? ((await response.json()) as { tasks: TaskState[] }).tasks : [];
  }

  /** A worker that shares out its tasks answers 409. */
  async #ask(method: string, path: string, body?: unknown): Promise<void> {
    const response = await until(
      () =>
        fetch(this.#url + path, {
          method,
          headers: { 'content-type': 'application/json' },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        }),
      ({ status }) => status !== 409,
      stateMsMax,
    );
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
  }
}
