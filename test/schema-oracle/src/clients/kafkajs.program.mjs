// Registers, encodes and decodes with @kafkajs/confluent-schema-registry. Prints what it has read.
const [, , folder, host, subject] = process.argv;
const { SchemaRegistry, SchemaType } = await import(
  `${folder}/node_modules/@kafkajs/confluent-schema-registry/dist/index.js`
).then((loaded) => loaded.default ?? loaded);

const registry = new SchemaRegistry({ host });
const schema = JSON.stringify({
  type: 'record',
  name: 'UserEvent',
  fields: [
    { name: 'user_id', type: 'string' },
    { name: 'timestamp', type: 'long' },
  ],
});
const { id } = await registry.register({ type: SchemaType.AVRO, schema }, { subject });
const encoded = await registry.encode(id, { user_id: '123', timestamp: 1_705_315_200_000 });
const decoded = await new SchemaRegistry({ host }).decode(encoded);
const latest = await registry.getLatestSchemaId(subject);
const found = await registry.getRegistryIdBySchema(subject, { type: SchemaType.AVRO, schema });
console.log(JSON.stringify({ same: id === latest && id === found, bytes: encoded.toString('hex'), decoded }));
