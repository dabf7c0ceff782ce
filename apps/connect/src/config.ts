import {
  connectWatchSettings,
  logAppConfig,
  setting,
  wholeNumber,
  type ConfigOf,
} from '@millrace/service-chassis/config';
import { z } from 'zod';

const topicName = (byDefault: string) =>
  z
    .string()
    .regex(/^[a-zA-Z0-9._-]{1,249}$/, 'must be the name of a topic')
    .default(byDefault);

export const settings = {
  ...logAppConfig('connect', 8083),
  ...connectWatchSettings,
  advertisedUrl: setting('CONNECT_ADVERTISED_URL', z.url('must be a URL').optional(), {
    example: 'http://connect-1:8083',
    meaning:
      'Where the other workers reach this one, so that they can pass changes on to it. Each worker needs an ' +
      'address of its own. By default the address and the port on which it listens.',
  }),
  group: setting('CONNECT_GROUP', z.string().min(1).max(200).default('connect-cluster'), {
    example: 'connect-cluster',
    meaning:
      "The group whose workers share the connectors, as `group.id` of Kafka's Connect. Workers of ours and of " +
      'Java cannot be members at the same time.',
  }),
  configTopic: setting('CONNECT_CONFIG_TOPIC', topicName('connect-configs'), {
    example: 'connect-configs',
    meaning: "The topic that keeps configurations, as `config.storage.topic` of Kafka's Connect.",
  }),
  offsetTopic: setting('CONNECT_OFFSET_TOPIC', topicName('connect-offsets'), {
    example: 'connect-offsets',
    meaning: "The topic that keeps how far sources have read, as `offset.storage.topic` of Kafka's Connect.",
  }),
  statusTopic: setting('CONNECT_STATUS_TOPIC', topicName('connect-status'), {
    example: 'connect-status',
    meaning: "The topic that keeps the states, as `status.storage.topic` of Kafka's Connect.",
  }),
  replicationFactor: setting(
    'CONNECT_TOPIC_REPLICATION_FACTOR',
    wholeNumber({ min: 1, max: 100, byDefault: 1 }),
    { meaning: 'How many copies these three topics get when a worker creates them.' },
  ),
  flushIntervalMs: setting(
    'CONNECT_FLUSH_INTERVAL_MS',
    wholeNumber({ min: 100, max: 3_600_000, byDefault: 1_000 }),
    {
      meaning:
        'How often the offsets of sinks are committed. After a crash, a sink writes the records of up to this ' +
        'time again.',
    },
  ),
};
export type ConnectAppConfig = ConfigOf<typeof settings>;
