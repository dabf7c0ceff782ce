import { createTopics, deleteTopics, WireClient } from '@millrace/streaming-core/protocol';
import type { Subject } from './subjects.ts';

/** The topics of one engine. Each is created for one run and deleted after it. */
export class BenchTopics {
  readonly #subject: Subject;
  #made = 0;

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  /** Runs `work` on a new topic. */
  async within<Result>(partitions: number, work: (topic: string) => Promise<Result>): Promise<Result> {
    const topic = await this.create(partitions);
    try {
      return await work(topic);
    } finally {
      await this.delete(topic);
    }
  }

  async create(partitions: number): Promise<string> {
    const { name: engine, topicConfigs } = this.#subject;
    const name = `bench-${engine.replace(/\W+/g, '-')}-${(this.#made += 1)}`;
    const configs = Object.entries(topicConfigs).map(([key, value]) => ({ name: key, value }));
    const topics = [{ name, numPartitions: partitions, replicationFactor: 1, assignments: [], configs }];
    const { topics: answers } = await this.#asked((client) =>
      client.send(createTopics, 5, { topics, timeoutMs: 60_000 }),
    );
    const [answer] = answers;
    if (answer?.errorCode !== 0)
      throw new Error(`${name} was not created: error ${answer?.errorCode} ${answer?.errorMessage ?? ''}`);
    return name;
  }

  async delete(name: string): Promise<void> {
    await this.#asked((client) => client.send(deleteTopics, 5, { topicNames: [name], timeoutMs: 60_000 }));
  }

  async #asked<Answer>(ask: (client: WireClient) => Promise<Answer>): Promise<Answer> {
    const client = await WireClient.connect(this.#subject);
    try {
      return await ask(client);
    } finally {
      client.close();
    }
  }
}
