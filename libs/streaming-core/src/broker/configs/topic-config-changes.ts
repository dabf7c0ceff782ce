import { serialQueue } from '../../runtime/serial-queue.ts';
import type { LogManager } from '../../log/log-manager-port.ts';
import { checkTopicName } from '../../log/topics/topic-name.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import type { ConfigChange } from './config-change.ts';
import { topicConfigKind, validTopicConfigs } from './topic-configs.ts';

/** Changes of topic configs, one after the other: each is made from what the one before has left. */
export class TopicConfigChanges {
  readonly #logs: LogManager;
  readonly #brokerConfigs: BrokerServices['configs'];
  readonly #oneByOne = serialQueue();

  constructor({ logs, configs }: Pick<BrokerServices, 'logs' | 'configs'>) {
    this.#logs = logs;
    this.#brokerConfigs = configs;
  }

  /** Durable, and in force, when it resolves. Throws INVALID_CONFIG, INVALID_TOPIC_EXCEPTION, UNKNOWN_TOPIC_OR_PARTITION, INVALID_REQUEST. */
  apply(
    name: string,
    change: ConfigChange,
    { validateOnly }: { readonly validateOnly: boolean },
  ): Promise<void> {
    return this.#oneByOne(() => this.#apply(name, change, validateOnly));
  }

  /** In the order in which Apache Kafka looks at it: whether there is such a topic comes last. */
  async #apply(name: string, change: ConfigChange, validateOnly: boolean): Promise<void> {
    const topic = this.#logs.topic(name);
    const defaults = this.#brokerConfigs.current.topicDefaults;
    const wanted = change({
      configs: topic?.configs ?? new Map(),
      kindOf: topicConfigKind,
      defaultOf: (key) => defaults.get(key) ?? topicConfigKind(key)?.byDefault ?? '',
    });
    if (name === '')
      throw new ProtocolError(
        'INVALID_REQUEST',
        "defaults of all topics are the broker's configs: set them there",
      );
    checkTopicName(name);
    const changed = [...wanted].filter(([key, value]) => topic?.configs.get(key) !== value);
    const valid = validTopicConfigs(changed.map(([key, value]) => ({ name: key, value }))); // an earlier release may have taken what is not possible any more
    if (topic === undefined)
      throw new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION', `there is no topic ${name}`);
    if (!validateOnly) await this.#logs.alterTopicConfigs(name, new Map([...wanted, ...valid]));
  }
}
