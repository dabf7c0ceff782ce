import { describe, expect, it } from '@jest/globals';
import { consumed, grouped, materialized, serdes, StreamsBuilder } from '../index.ts';
import { TopologyBuilder } from '../topology/topology-builder.ts';
import { applicationTopicsOf } from './application-topics.ts';

const text = consumed(serdes.string, serdes.string);

describe('the topics of an application', () => {
  it('have the names on the broker', () => {
    const builder = new StreamsBuilder();
    builder
      .stream('words', text)
      .groupBy((_key, word) => word, grouped(serdes.string, serdes.string))
      .count(materialized('counts'))
      .toStream()
      .to('word-counts');
    const topics = applicationTopicsOf(builder.build(), 'app');

    expect(topics).toMatchObject({
      subTopologies: [
        { id: 0, sources: ['words'], sinks: ['app-counts-repartition'], changelogs: [] },
        {
          id: 1,
          sources: ['app-counts-repartition'],
          sinks: ['word-counts'],
          changelogs: [{ topic: 'app-counts-changelog', store: { name: 'counts' } }],
        },
      ],
      repartitions: new Map([['app-counts-repartition', undefined]]),
    });
  });

  it('have no changelog for a store that is not logged', () => {
    const builder = new StreamsBuilder();
    builder
      .stream('words', text)
      .groupByKey()
      .count(materialized('counts', { logging: false }));
    const [subTopology] = applicationTopicsOf(builder.build(), 'app').subTopologies;

    expect(subTopology?.changelogs).toEqual([]);
  });

  it('name the repartition topics among those that are joined', () => {
    const source = (name: string, topic: string) => ({
      kind: 'source' as const,
      name,
      topics: [topic],
      keySerde: serdes.string,
      valueSerde: serdes.string,
      offsetReset: undefined,
    });
    const topology = new TopologyBuilder()
      .addSource(source('left', 'orders'))
      .addSource(source('right', 'by-customer-repartition'))
      .addRepartitionTopic('by-customer-repartition', 4)
      .copartition(['left', 'right'])
      .build();

    expect(applicationTopicsOf(topology, 'app')).toMatchObject({
      copartitioned: [['orders', 'app-by-customer-repartition']],
      repartitions: new Map([['app-by-customer-repartition', 4]]),
    });
  });
});
