import { connectStreams, type StreamsApp, type Topology } from '@millrace/streams';

/** Our applications, in this process. */
export class OurApps {
  readonly #bootstrapServer: string;
  readonly #topologyOf: (applicationId: string) => Topology;
  readonly #running = new Map<string, StreamsApp>();

  constructor(bootstrapServer: string, topologyOf: (applicationId: string) => Topology) {
    this.#bootstrapServer = bootstrapServer;
    this.#topologyOf = topologyOf;
  }

  /** Resolves once every task of the application runs. */
  async start(applicationId: string, stateDir: string): Promise<void> {
    const app = connectStreams(this.#topologyOf(applicationId), {
      applicationId,
      bootstrapServers: [this.#bootstrapServer],
      stateDir,
      guarantee: 'exactly_once_v2',
      cacheBytesMax: 0,
      replicationFactor: 1,
    });
    this.#running.set(applicationId, app);
    await app.start();
  }

  /** Resolves once the application has committed and left its group. */
  async stop(applicationId: string): Promise<void> {
    await this.#running.get(applicationId)?.close();
    this.#running.delete(applicationId);
  }

  async close(): Promise<void> {
    for (const applicationId of this.#running.keys()) await this.stop(applicationId);
  }
}
