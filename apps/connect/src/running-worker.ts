import { startWorker, type ConnectWorker, type PluginTable } from '@millrace/connect';
import type { ConnectionOptions } from '@millrace/streaming-core/client';
import { systemClock, type Logger } from '@millrace/streaming-core/runtime';
import type { ConnectAppConfig } from './config.ts';

export interface RunningWorkerOptions {
  readonly config: ConnectAppConfig;
  readonly connection: ConnectionOptions;
  readonly plugins: PluginTable;
  readonly logger: Logger;
}

/** The worker of this process. It starts once the process listens, because it has to know the port. */
export class RunningWorker {
  readonly #options: RunningWorkerOptions;
  #worker: ConnectWorker | undefined;
  #failure: Error | undefined;

  constructor(options: RunningWorkerOptions) {
    this.#options = options;
  }

  /** The worker, or undefined before it has started. */
  get worker(): ConnectWorker | undefined {
    return this.#worker;
  }

  get health() {
    const running = this.#worker;
    const failed = running?.tasks.filter(({ state }) => state === 'FAILED').length ?? 0;
    return {
      healthy: this.#failure === undefined && running?.leaderUrl !== undefined,
      degraded: failed > 0,
      details: {
        leader: running?.leaderUrl ?? null,
        running: running?.tasks.filter(({ state }) => state === 'RUNNING').length ?? 0,
        failed,
        ...(this.#failure && { reason: this.#failure.message }),
      },
    };
  }

  async start(url: string): Promise<void> {
    const { config, connection, plugins, logger } = this.#options;
    this.#worker = await startWorker({
      connection,
      groupId: config.group,
      url,
      plugins,
      logger,
      clock: systemClock,
      topics: { configs: config.configTopic, offsets: config.offsetTopic, statuses: config.statusTopic },
      replication: { replicationFactor: config.replicationFactor },
      flushIntervalMs: config.flushIntervalMs,
      onFailed: (error) => {
        this.#failure = error;
        logger.error({ error }, 'the worker cannot go on: restart this process');
      },
    });
  }

  async stop(): Promise<void> {
    await this.#worker?.close();
  }
}
