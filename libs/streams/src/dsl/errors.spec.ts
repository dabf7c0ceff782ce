import { describe, expect, it } from '@jest/globals';
import { consumed, grouped, materialized, serdes, StreamsBuilder, TopologyError } from '../index.ts';

const strings = consumed(serdes.string, serdes.string);

function errorOf(declare: (builder: StreamsBuilder) => void): unknown {
  const builder = new StreamsBuilder();
  try {
    declare(builder);
    builder.build();
  } catch (error) {
    return error;
  }
  throw new Error('The topology was built');
}

describe('a topology that does not fit together', () => {
  it('names the topic whose serde is missing, and says where to give it', () => {
    const error = errorOf((builder) => builder.stream('in', strings).mapValues(Number).to('out'));

    expect(error).toBeInstanceOf(TopologyError);
    expect(String(error)).toBe(
      'TopologyError: The topic out needs the serde of its value: an operator before it may have changed the type. ' +
        'Name it in produced(...)',
    );
  });

  it('names the repartition topic whose serde is missing', () => {
    const error = errorOf((builder) =>
      builder
        .stream('in', strings)
        .selectKey((_key, value) => value)
        .groupByKey()
        .count(materialized('counts', { keySerde: serdes.string })),
    );

    expect(String(error)).toContain('The topic counts-repartition needs the serde of its key');
  });

  it('names the store whose serde is missing', () => {
    const error = errorOf((builder) =>
      builder
        .stream('in', strings)
        .groupByKey()
        .aggregate(
          () => 0,
          (_key, value, total) => total + value.length,
          materialized('lengths'),
        ),
    );

    expect(String(error)).toContain('The store lengths needs the serde of its value');
  });

  it('refuses a global table whose materialized(...) has no name, as Kafka Streams does', () => {
    const error = errorOf((builder) => builder.globalTable('names', strings, materialized()));

    expect(error).toBeInstanceOf(TopologyError);
    expect(String(error)).toContain('The global table of names has a materialized(...) without a name');
    expect(() => {
      const builder = new StreamsBuilder();
      builder.globalTable('names', strings);
      builder.globalTable('others', strings, materialized('others-store'));
      builder.build();
    }).not.toThrow();
  });

  it('needs no serde for a table without a store', () => {
    const builder = new StreamsBuilder();
    builder
      .table('in', strings)
      .mapValues(Number)
      .toStream()
      .foreach(() => undefined);

    expect(builder.build().subTopologies).toHaveLength(1);
  });

  it('rejects two nodes, and two stores, of one name', () => {
    const nodes = errorOf((builder) => {
      const stream = builder.stream('in', strings);
      stream.filter(() => true, 'same').peek(() => undefined, 'same');
    });
    const stores = errorOf((builder) => {
      const group = builder.stream('in', strings).groupByKey();
      group.count(materialized('same'));
      group.reduce((total) => total, materialized('same'));
    });

    expect(String(nodes)).toContain('Two nodes have the name same');
    expect(String(stores)).toContain('Two stores have the name same');
  });

  it('rejects names that Kafka does not allow for topics', () => {
    const error = errorOf((builder) => builder.stream('in', strings).groupByKey().count(materialized('a b')));

    expect(String(error)).toContain('The store name "a b" is not legal');
  });

  it('rejects sources that share some of their topics', () => {
    const error = errorOf((builder) => {
      builder.stream(['a', 'b'], strings);
      builder.stream('a', strings);
    });

    expect(String(error)).toContain('overlap but are not equal');
  });

  it('rejects two offset resets for one topic', () => {
    const error = errorOf((builder) => {
      builder.stream('a', consumed(serdes.string, serdes.string, { offsetReset: 'earliest' }));
      builder.stream('a', strings);
    });

    expect(String(error)).toContain('read a with different offset resets');
  });

  it('rejects joined topics with different numbers of partitions', () => {
    const error = errorOf((builder) => {
      const counted = (topic: string, partitionCount: number) =>
        builder.stream(topic, strings).repartition({ name: topic, partitionCount });
      const table = counted('b', 2).toTable();
      counted('a', 3).join(table, (value, other) => value + other);
    });

    expect(String(error)).toContain('a-repartition (3), b-repartition (2)');
  });

  it('rejects a processor whose store is unknown', () => {
    const error = errorOf((builder) =>
      builder.stream('in', strings).process(() => ({ process: () => undefined }), { stores: ['nowhere'] }),
    );

    expect(String(error)).toContain('The store nowhere of KSTREAM-PROCESSOR-0000000001 is unknown');
  });

  it('rejects operators that are added after it was built', () => {
    const error = errorOf((builder) => {
      const stream = builder.stream('in', strings);
      builder.build();
      stream.groupBy((_key, value) => value, grouped(serdes.string));
    });

    expect(String(error)).toContain('KSTREAM-KEY-SELECT-0000000001 was added after');
  });
});
