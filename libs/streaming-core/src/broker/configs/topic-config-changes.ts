import { serialQueue } from '../../runtime/serial-queue.ts';
import type { LogManager } from '../../log/log-manager-port.ts';
import { checkTopicName } from '../../log/topics/topic-name.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import type { ConfigChange } from './config-change.ts';
import { topicConfigKind, validTopicConfigs } from './topic-configs.ts';

/**
 * Changes topic configs one at a time, so that each change begins with the result of the previous
 * one.
 */
export class TopicConfigChanges {
  readonly #logs: LogManager;
  readonly #brokerConfigs: BrokerServices['configs'];
  readonly #oneByOne = serialQueue();

  constructor({ logs, configs }: Pick<BrokerServices, 'logs' | 'configs'>) {
    this.#logs = logs;
    this.#brokerConfigs = configs;
  }

  /**
   * The change is durable and in force when this resolves. Throws INVALID_CONFIG,
   * INVALID_TOPIC_EXCEPTION, UNKNOWN_TOPIC_OR_PARTITION or INVALID_REQUEST.
   */
  apply(
    name: string,
    change: ConfigChange,
    { validateOnly }: { readonly validateOnly: boolean },
  ): Promise<void> {
    return this.#oneByOne(() => this.#apply(name, change, validateOnly));
  }

  /** Checks in the order of Apache Kafka: whether the topic exists comes last. */
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
        'defaults for all topics are configs of the broker: set them there',
      );
    checkTopicName(name);
    const changed = [...wanted].filter(([key, value]) => topic?.configs.get(key) !== value);
    // An earlier release may have accepted values that are invalid now.
    const valid = validTopicConfigs(changed.map(([key, value]) => ({ name: key, value })));
    if (topic === undefined)
      throw new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION', `there is no topic ${name}`);
    if (!validateOnly) await this.#logs.alterTopicConfigs(name, new Map([...wanted, ...valid]));
  }
}
