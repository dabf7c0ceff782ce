import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectAdmin, connectConsumer, connectProducer } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { startTestBroker, type TestBroker } from '@millrace/testing/engine';
import { avroSerde, RegistryClient } from '../index.ts';
import { startRegistryProcess, type RegistryProcess } from '../registry-process.fixture.ts';

let broker: TestBroker;
let served: RegistryProcess;
let registry: RegistryClient;

beforeAll(async () => {
  broker = await startTestBroker();
  served = await startRegistryProcess(broker.bootstrapServers);
  registry = new RegistryClient({ url: served.url });
}, 60_000);
afterAll(async () => {
  await served?.stop();
  await broker?.stop();
});

interface UserEvent {
  readonly user_id: string;
  readonly action: string;
  readonly timestamp: number;
}
const fields = [
  { name: 'user_id', type: 'string' },
  { name: 'action', type: 'string' },
  { name: 'timestamp', type: 'long' },
];
const userEvent = (...more: readonly object[]) =>
  JSON.stringify({ type: 'record', name: 'UserEvent', fields: [...fields, ...more] });
const guides: UserEvent = { user_id: '123', action: 'click', timestamp: 1_705_315_200_000 };

describe('N46 G39 the serde for Avro', () => {
  it("writes the guide's event in the bytes of Confluent's serializer, and reads it", async () => {
    const serde = await avroSerde<UserEvent>({ registry, schema: userEvent(), topic: 'user-events' });
    const connection = {
      bootstrapServers: [broker.bootstrapServers],
      clientId: 'serde',
      logger: silentLogger,
    };
    await using admin = connectAdmin(connection);
    await using producer = connectProducer(connection);
    await admin.topics.create([{ name: 'user-events', partitions: 1 }]);
    const value = serde.encode(guides);
    expect(value.toString('hex')).toBe(
      `00${serde.id.toString(16).padStart(8, '0')}063132330a636c69636b80b0a7cba163`,
    );
    await producer.send([{ topic: 'user-events', key: '123', value }]);
    await using consumer = connectConsumer({
      ...connection,
      groupId: 'serde',
      topics: ['user-events'],
      autoOffsetReset: 'earliest',
    });
    for await (const record of consumer) {
      expect(serde.decode(record.value!)).toEqual(guides);
      break;
    }
    expect(await registry.subjects()).toContain('user-events-value');
  }, 60_000);

  it('reads old data with a new schema, and new data with an old one', async () => {
    const topic = 'evolving';
    const old = await avroSerde<UserEvent>({ registry, schema: userEvent(), topic });
    const schema = userEvent({ name: 'page', type: ['null', 'string'], default: null });
    const newer = await avroSerde<UserEvent & { page: string | null }>({ registry, schema, topic });
    expect(newer.decode(old.encode(guides))).toEqual({ ...guides, page: null });
    expect(old.decode(newer.encode({ ...guides, page: '/' }))).toEqual(guides);
    const refused = avroSerde({ registry, schema: userEvent({ name: 'must', type: 'string' }), topic });
    await expect(refused).rejects.toMatchObject({ code: 409 });
  });

  it('refuses a value of a wrong type in the producer, and names the field', async () => {
    const serde = await avroSerde<object>({ registry, schema: userEvent(), topic: 'user-events' });
    expect(() => serde.encode({ ...guides, timestamp: 'now' })).toThrow(
      'the value of a record of user-events: timestamp must be long, not "now"',
    );
    expect(() => serde.encode({ user_id: '123' })).toThrow('action must be string, not undefined');
    expect(() => serde.encode({ ...guides, timestamp: 2 ** 60 })).toThrow('timestamp must be long');
  });

  it('keeps longs beyond 2^53 as bigints if they are wanted', async () => {
    const serde = await avroSerde<{ user_id: string; action: string; timestamp: bigint }>({
      registry,
      schema: userEvent(),
      topic: 'big',
      bigints: true,
    });
    const event = { user_id: '1', action: 'a', timestamp: 2n ** 63n - 1n };
    expect(serde.decode(serde.encode(event))).toEqual(event);
  });

  it('names its subject by topic, record or both, and finds a schema without registering it', async () => {
    const schema = JSON.stringify({ type: 'record', name: 'shop.Seen', fields: [] });
    await avroSerde({ registry, schema, topic: 'seen', subjectName: 'recordName' });
    await avroSerde({ registry, schema, topic: 'seen', subjectName: 'topicRecordName' });
    await avroSerde({ registry, schema, topic: 'seen', isKey: true });
    expect(await registry.subjects()).toEqual(
      expect.arrayContaining(['shop.Seen', 'seen-shop.Seen', 'seen-key']),
    );
    await expect(avroSerde({ registry, schema, topic: 'unseen', autoRegister: false })).rejects.toMatchObject(
      { code: 40401 },
    );
    await avroSerde({ registry, schema, topic: 'seen', isKey: true, autoRegister: false });
  });

  it('reads a schema with references that it has not seen', async () => {
    const part = JSON.stringify({ type: 'enum', name: 'shop.Color', symbols: ['RED'] });
    await registry.register('color', { schema: part });
    const id = await registry.register('painted-value', {
      schema: JSON.stringify({
        type: 'record',
        name: 'Painted',
        fields: [{ name: 'in', type: 'shop.Color' }],
      }),
      references: [{ name: 'shop.Color', subject: 'color', version: 1 }],
    });
    const schema = JSON.stringify({
      type: 'record',
      name: 'Painted',
      fields: [{ name: 'in', type: { type: 'enum', name: 'shop.Color', symbols: ['RED', 'BLUE'] } }],
    });
    const serde = await avroSerde<{ in: string }>({ registry, schema, topic: 'repainted' });
    expect(serde.decode(Buffer.from([0, 0, 0, 0, id, 0]))).toEqual({ in: 'RED' });
  });

  it('says what is wrong with bytes, with an unknown id and with a registry that is gone', async () => {
    const serde = await avroSerde<UserEvent>({ registry, schema: userEvent(), topic: 'user-events' });
    expect(() => serde.decode(Buffer.from('{"a":1}'))).toThrow('no serializer of a registry wrote them');
    expect(() => serde.decode(Buffer.from([0, 0, 0, 0, serde.id, 6]))).toThrow(
      `the bytes do not match schema ${serde.id}`,
    );
    const unknown = Buffer.from([0, 0, 1, 0, 0, 0]);
    expect(() => serde.decode(unknown)).toThrow('Schema 65536 not found');
    const begun = performance.now();
    expect(() => serde.decode(unknown)).toThrow('Schema 65536 not found');
    expect(performance.now() - begun).toBeLessThan(20); // it was not asked for again

    const gone = new RegistryClient({ url: 'http://127.0.0.1:1' });
    await expect(gone.subjects()).rejects.toThrow(
      'the schema registry at http://127.0.0.1:1 does not answer',
    );
    expect(() => gone.schemaNow(1)).toThrow('does not answer: ');
  });
});
