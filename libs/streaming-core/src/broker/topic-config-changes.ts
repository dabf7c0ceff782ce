import type { LogManager, TopicDescription } from '../log/types.ts';
import { checkTopicName } from '../log/topic-name.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { validTopicConfigs } from './topic-configs.ts';

/** What is to be set for the topic, of what is set now. */
export type ConfigChange = (topic: TopicDescription) => ReadonlyMap<string, string>;

/** Changes of topic configs, one after the other: each is made from what the one before has left. */
export class TopicConfigChanges {
  readonly #logs: LogManager;
  #last: Promise<unknown> = Promise.resolve();

  constructor(logs: LogManager) {
    this.#logs = logs;
  }

  /** Durable, and in force, when it resolves. Throws INVALID_CONFIG, INVALID_TOPIC_EXCEPTION, UNKNOWN_TOPIC_OR_PARTITION, INVALID_REQUEST. */
  apply(name: string, change: ConfigChange, { validateOnly }: { readonly validateOnly: boolean }): Promise<void> {
    const turn = this.#last.then(() => this.#apply(name, change, validateOnly));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #apply(name: string, change: ConfigChange, validateOnly: boolean): Promise<void> {
    if (name === '') throw new ProtocolError('INVALID_REQUEST', "defaults of all topics are the broker's configs: set them there");
    checkTopicName(name);
    const topic = this.#logs.topic(name);
    if (topic === undefined) throw new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION', `there is no topic ${name}`);
    const wanted = change(topic);
    const configs = validTopicConfigs([...wanted].map(([key, value]) => ({ name: key, value })));
    if (!validateOnly) await this.#logs.alterTopicConfigs(name, configs);
  }
}
