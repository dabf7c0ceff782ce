// Writes and reads with the serializers of @confluentinc/schemaregistry. Prints what it has read.
import { createRequire } from 'node:module';

const [, , folder, url, topic] = process.argv;
const {
  SchemaRegistryClient,
  AvroSerializer,
  AvroDeserializer,
  JsonSerializer,
  JsonDeserializer,
  SerdeType,
} = createRequire(`${folder}/package.json`)('@confluentinc/schemaregistry');

const registry = new SchemaRegistryClient({ baseURLs: [url] });
const schema = JSON.stringify({
  type: 'record',
  name: 'UserEvent',
  fields: [
    { name: 'user_id', type: 'string' },
    { name: 'timestamp', type: 'long' },
  ],
});
await registry.register(`${topic}-value`, { schema, schemaType: 'AVRO' });
const options = { useLatestVersion: true };
const bytes = await new AvroSerializer(registry, SerdeType.VALUE, options).serialize(topic, {
  user_id: '123',
  timestamp: 1_705_315_200_000,
});
const decoded = await new AvroDeserializer(registry, SerdeType.VALUE, {}).deserialize(topic, bytes);

const closed = { type: 'object', properties: { user_id: { type: 'string' } }, additionalProperties: false };
await registry.register(`${topic}-json-value`, { schema: JSON.stringify(closed), schemaType: 'JSON' });
const json = await new JsonSerializer(registry, SerdeType.VALUE, options).serialize(`${topic}-json`, {
  user_id: '123',
});
const decodedJson = await new JsonDeserializer(registry, SerdeType.VALUE, {}).deserialize(
  `${topic}-json`,
  json,
);
console.log(JSON.stringify({ bytes: bytes.toString('hex'), decoded, decodedJson }));
process.exit(0);
