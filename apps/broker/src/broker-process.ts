import { startBroker, type Broker } from '@millrace/streaming-core/broker';
import type { Logger } from '@millrace/streaming-core/runtime';
import type { BrokerConfig } from './config.ts';
import type { SidePort } from './side-port.ts';

/**
 * When a start takes longer than this, the side port opens before the broker is ready, so that
 * health checks get an answer. A short start is faster without it.
 */
const shortStartMs = 250;

interface Serving {
  readonly broker: Broker;
  readonly side: SidePort;
}

/** The broker and the port for its metrics and health. */
export class BrokerProcess {
  readonly #config: BrokerConfig;
  #broker: Broker | undefined;
  #stopping = false;
  #serving: Promise<Serving> | undefined;
  #side: Promise<SidePort> | undefined;

  constructor(config: BrokerConfig) {
    this.#config = config;
  }

  start(logger: Logger): Promise<Serving> {
    this.#serving = this.#serve(logger);
    return this.#serving;
  }

  /** Waits for a start in progress to finish, then closes both. */
  async stop(): Promise<void> {
    const serving = await this.#serving;
    if (serving === undefined) return;
    this.#stopping = true;
    await serving.broker.close();
    await serving.side.close();
  }

  /** The broker already serves clients while the side port loads. */
  async #serve(logger: Logger): Promise<Serving> {
    const broker = await this.#startBroker(logger);
    try {
      return { broker, side: await this.#openSide() };
    } catch (error) {
      await broker.close();
      throw error;
    }
  }

  async #startBroker(logger: Logger): Promise<Broker> {
    // If it fails, the call in #serve reports it.
    const slow = setTimeout(() => void this.#openSide().catch(() => undefined), shortStartMs);
    try {
      this.#broker = await startBroker({ ...this.#config, logger });
      return this.#broker;
    } finally {
      clearTimeout(slow);
    }
  }

  #openSide(): Promise<SidePort> {
    this.#side ??= this.#listenBeside();
    return this.#side;
  }

  async #listenBeside(): Promise<SidePort> {
    const { openSidePort } = await import('./side-port.ts');
    const { http, dataFolder } = this.#config;
    const phase = () => (this.#broker === undefined ? 'starting' : this.#stopping ? 'stopping' : 'ready');
    const readMetrics = metricsReader(() => this.#broker, dataFolder);
    return openSidePort({ readMetrics, trouble: () => this.#broker?.offlineCause(), phase }, http);
  }
}

/** Loads the metrics at the first scrape. */
function metricsReader(started: () => Broker | undefined, dataFolder: string) {
  const registry = async (broker: Broker) =>
    (await import('./broker-metrics.ts')).brokerMetrics(broker, { dataFolder });
  let loaded: ReturnType<typeof registry> | undefined;
  return async () => {
    const broker = started();
    return broker && (loaded ??= registry(broker));
  };
}
