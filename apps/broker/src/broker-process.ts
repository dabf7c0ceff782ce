import { startBroker, type Broker, type Logger } from '@millrace/streaming-core/broker';
import type { BrokerConfig } from './config.ts';
import type { SidePort } from './side-port.ts';

/** A start that takes longer answers for its health meanwhile; any other has the thread for itself. */
const shortStartMs = 250;

/** The broker and the port beside it. */
export class BrokerProcess {
  readonly #config: BrokerConfig;
  #broker: Broker | undefined;
  #stopping = false;
  #side: Promise<SidePort> | undefined;

  constructor(config: BrokerConfig) {
    this.#config = config;
  }

  async start(logger: Logger): Promise<Broker> {
    const slow = setTimeout(() => void this.#openSide().catch(() => undefined), shortStartMs); // what failed is told by the next call
    try {
      this.#broker = await startBroker({ ...this.#config, logger });
      return this.#broker;
    } finally {
      clearTimeout(slow);
    }
  }

  /** Clients are served already while this loads. */
  async side(broker: Broker): Promise<SidePort> {
    try {
      return await this.#openSide();
    } catch (error) {
      await broker.close();
      throw error;
    }
  }

  async stop(broker: Broker, side: SidePort): Promise<void> {
    this.#stopping = true;
    await broker.close();
    await side.close();
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

/** Loaded when somebody asks for the first time. */
function metricsReader(started: () => Broker | undefined, dataFolder: string) {
  const registry = async (broker: Broker) => (await import('./broker-metrics.ts')).brokerMetrics(broker, { dataFolder });
  let loaded: ReturnType<typeof registry> | undefined;
  return async () => {
    const broker = started();
    return broker && (loaded ??= registry(broker));
  };
}
