import { logAppConfig, setting, wholeNumber, type ConfigOf } from '@millrace/service-chassis/config';
import { z } from 'zod';

const topicName = z.string().regex(/^[a-zA-Z0-9._-]{1,249}$/, 'must be the name of a topic');

export const settings = {
  ...logAppConfig('registry', 8081),
  advertisedUrl: setting('REGISTRY_ADVERTISED_URL', z.url('must be a URL').optional(), {
    example: 'http://registry-1:8081',
    meaning:
      'Where the other processes of the registry reach this one, so that they can pass changes on to it while it ' +
      'leads. By default the address and the port on which it listens.',
  }),
  topic: setting('REGISTRY_TOPIC', topicName.default('_schemas'), {
    example: '_schemas',
    meaning: "The topic that keeps the schemas, as `kafkastore.topic` of Confluent's registry.",
  }),
  group: setting('REGISTRY_GROUP', z.string().min(1).max(255).default('schema-registry'), {
    example: 'schema-registry',
    meaning:
      'The group whose members elect the process that writes, as `schema.registry.group.id` of ' +
      "Confluent's registry. Processes of ours and of Confluent's cannot be members at the same time.",
  }),
  replicationFactor: setting(
    'REGISTRY_TOPIC_REPLICATION_FACTOR',
    wholeNumber({ min: 1, max: 100, byDefault: 1 }),
    { meaning: 'How many copies the topic gets when the registry creates it.' },
  ),
  subjectsMax: setting('REGISTRY_SUBJECTS_MAX', wholeNumber({ min: 1, max: 1_000_000, byDefault: 20_000 }), {
    meaning: 'The number of subjects with schemas, and of those with settings. A further one is refused.',
  }),
};
export type RegistryConfig = ConfigOf<typeof settings>;
