import {
  connectProducer,
  type BatchingProducer,
  type ConnectionOptions,
} from '@millrace/streaming-core/client';
import type { Clock, Logger } from '@millrace/streaming-core/runtime';
import type { RunState, StatusLog, StatusPlace } from '../logs/status-log.ts';

export interface StatusReportsOptions {
  readonly connection: ConnectionOptions;
  readonly log: StatusLog;
  readonly workerId: string;
  readonly generation: () => number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Writes the states of this worker's tasks to the topic of states, in order. */
export class StatusReports {
  readonly #options: StatusReportsOptions;
  readonly #producer: BatchingProducer;

  constructor(options: StatusReportsOptions) {
    this.#options = options;
    this.#producer = connectProducer(options.connection);
  }

  report(place: StatusPlace, state: RunState, error?: Error): void {
    const { log, workerId, generation } = this.#options;
    const trace = error === undefined ? null : traceOf(error);
    this.#post(log.record(place, { state, trace, workerId, generation: generation() }));
  }

  uses(place: StatusPlace, topic: string): void {
    const { log, clock } = this.#options;
    if (!log.topicsOf(place.connector).includes(topic))
      this.#post(log.topicRecord(place, topic, clock.now()));
  }

  forget(connector: string): void {
    for (const record of this.#options.log.without(connector)) this.#post(record);
  }

  async resetTopics(connector: string): Promise<void> {
    for (const record of this.#options.log.withoutTopics(connector)) this.#post(record);
    await this.flush();
  }

  flush(): Promise<void> {
    return this.#producer.flush();
  }

  close(): Promise<void> {
    return this.#producer.close();
  }

  #post(record: ReturnType<StatusLog['record']>): void {
    this.#producer.post([record], (error) => {
      if (error) this.#options.logger.warn({ error }, 'a state of a connector could not be written');
    });
  }
}

const traceBytesMax = 10_000;

function traceOf(error: Error): string {
  const cause =
    error.cause instanceof Error ? `\nCaused by: ${error.cause.stack ?? error.cause.message}` : '';
  return `${error.stack ?? error.message}${cause}`.slice(0, traceBytesMax);
}
