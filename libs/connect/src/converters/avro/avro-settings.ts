import { subjectOf, type RegistryClientOptions, type SubjectName } from '@millrace/schema-registry';
import { isNamed, type AvroSchema } from '@millrace/schema-registry/avro';
import type { ConnectConfig, ConnectSetting } from '../../plugin/setting.ts';
import { DataError } from '../../record/data-error.ts';
import { branchesOf } from './avro-names.ts';

const strategies: Readonly<Record<string, SubjectName>> = {
  TopicNameStrategy: 'topicName',
  RecordNameStrategy: 'recordName',
  TopicRecordNameStrategy: 'topicRecordName',
};
const strategyPackage = 'io.confluent.kafka.serializers.subject.';

const strategyOf = (value = ''): SubjectName | undefined => strategies[value.replace(strategyPackage, '')];

const subjectStrategy = (part: 'key' | 'value'): ConnectSetting => ({
  name: `${part}.subject.name.strategy`,
  type: 'CLASS',
  default: `${strategyPackage}TopicNameStrategy`,
  importance: 'MEDIUM',
  doc: `How the subject of a ${part} is named: by topic, by record or by both.`,
  check: (value) =>
    strategyOf(value) === undefined ? `use one of ${Object.keys(strategies).join(', ')}` : undefined,
});

const flag = (name: string, byDefault: string, doc: string): ConnectSetting => ({
  name,
  type: 'BOOLEAN',
  default: byDefault,
  importance: 'MEDIUM',
  doc,
});

/** The settings of Confluent's converter that change something here. */
export const avroSettings: readonly ConnectSetting[] = [
  {
    name: 'schema.registry.url',
    type: 'STRING',
    importance: 'HIGH',
    doc: 'The address of the schema registry, such as http://127.0.0.1:8081.',
    check: (value) =>
      /^https?:\/\/[^\s,]+$/.test(value) && URL.canParse(value)
        ? undefined
        : `write one address that begins with http:// or https://, not ${value}`,
  },
  flag('auto.register.schemas', 'true', 'Whether a schema that its subject does not have is registered.'),
  flag(
    'use.latest.version',
    'false',
    'Whether values are written with the latest schema of their subject, if auto.register.schemas is false.',
  ),
  flag(
    'ignore.default.for.nullables',
    'false',
    'Whether a field that is null stays null. By default it gets the default of its schema.',
  ),
  subjectStrategy('key'),
  subjectStrategy('value'),
  {
    name: 'basic.auth.credentials.source',
    type: 'STRING',
    default: 'URL',
    values: ['URL', 'USER_INFO'],
    importance: 'MEDIUM',
    doc: 'USER_INFO: name and password are those of basic.auth.user.info.',
  },
  {
    name: 'basic.auth.user.info',
    type: 'PASSWORD',
    optional: true,
    importance: 'MEDIUM',
    doc: 'The name and the password for the registry, with a colon between them.',
  },
];

/** The address of the registry, and the login from its own setting or from the address. */
export function registryOf(config: ConnectConfig): Pick<RegistryClientOptions, 'url' | 'authorization'> {
  const url = new URL(config['schema.registry.url']!);
  const { username, password } = url;
  const inUrl =
    username === '' ? undefined : `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const login =
    config['basic.auth.credentials.source'] === 'USER_INFO' ? config['basic.auth.user.info'] : inUrl;
  url.username = '';
  url.password = '';
  if (login === undefined) return { url: url.href };
  return { url: url.href, authorization: () => `Basic ${Buffer.from(login).toString('base64')}` };
}

export interface Subject {
  readonly topic: string;
  readonly isKey: boolean;
  readonly config: ConnectConfig;
}

/** The subject of a schema. Throws `DataError` if its name needs a record and there is none. */
export function subjectFor({ topic, isKey, config }: Subject, avro: AvroSchema): string {
  const setting = `${isKey ? 'key' : 'value'}.subject.name.strategy`;
  const subjectName = strategyOf(config[setting])!;
  const record = avro.type === 'union' ? branchesOf(avro)[0] : avro;
  if (record === undefined || !isNamed(record)) {
    if (subjectName === 'topicName') return subjectOf({ topic, isKey }, '');
    throw new DataError(
      `${setting} needs a struct, and the schema is of type ${avro.type}: use TopicNameStrategy`,
    );
  }
  return subjectOf({ topic, isKey, subjectName }, record.name.full);
}
