/** The descriptions that Kafka Streams 4.3.1 prints for the topologies of describe.spec.ts, by name. */
export const described = {
  eightSuccessors: `Topologies:
   Sub-topology: 0
    Source: KSTREAM-SOURCE-0000000000 (topics: [t])
      --> KSTREAM-FILTER-0000000004, KSTREAM-FOREACH-0000000007, KSTREAM-MAPVALUES-0000000002, KSTREAM-PROCESSOR-0000000012, KSTREAM-PEEK-0000000008, KSTREAM-SINK-0000000001, pr, pv
    Processor: KSTREAM-PEEK-0000000008 (stores: [])
      --> KSTREAM-PEEK-0000000009
      <-- KSTREAM-SOURCE-0000000000
    Processor: KSTREAM-FILTER-0000000004 (stores: [])
      --> KSTREAM-MAPVALUES-0000000005
      <-- KSTREAM-SOURCE-0000000000
    Processor: KSTREAM-PEEK-0000000009 (stores: [])
      --> KSTREAM-PEEK-0000000010
      <-- KSTREAM-PEEK-0000000008
    Processor: KSTREAM-MAPVALUES-0000000002 (stores: [])
      --> KSTREAM-SINK-0000000003
      <-- KSTREAM-SOURCE-0000000000
    Processor: KSTREAM-MAPVALUES-0000000005 (stores: [])
      --> KSTREAM-SINK-0000000006
      <-- KSTREAM-FILTER-0000000004
    Processor: KSTREAM-PEEK-0000000010 (stores: [])
      --> KSTREAM-SINK-0000000011
      <-- KSTREAM-PEEK-0000000009
    Processor: KSTREAM-PROCESSOR-0000000012 (stores: [])
      --> KSTREAM-SINK-0000000013
      <-- KSTREAM-SOURCE-0000000000
    Processor: pv (stores: [])
      --> KSTREAM-SINK-0000000014
      <-- KSTREAM-SOURCE-0000000000
    Processor: KSTREAM-FOREACH-0000000007 (stores: [])
      --> none
      <-- KSTREAM-SOURCE-0000000000
    Sink: KSTREAM-SINK-0000000001 (topic: o1)
      <-- KSTREAM-SOURCE-0000000000
    Sink: KSTREAM-SINK-0000000003 (topic: o2)
      <-- KSTREAM-MAPVALUES-0000000002
    Sink: KSTREAM-SINK-0000000006 (topic: o3)
      <-- KSTREAM-MAPVALUES-0000000005
    Sink: KSTREAM-SINK-0000000011 (topic: o5)
      <-- KSTREAM-PEEK-0000000010
    Sink: KSTREAM-SINK-0000000013 (topic: o6)
      <-- KSTREAM-PROCESSOR-0000000012
    Sink: KSTREAM-SINK-0000000014 (topic: o7)
      <-- pv
    Processor: pr (stores: [])
      --> none
      <-- KSTREAM-SOURCE-0000000000

`,
  mergedBranches: `Topologies:
   Sub-topology: 0
    Source: KSTREAM-SOURCE-0000000000 (topics: [t])
      --> KSTREAM-FILTER-0000000001, KSTREAM-FILTER-0000000002, KSTREAM-MERGE-0000000004, KSTREAM-AGGREGATE-0000000012
    Processor: KSTREAM-FILTER-0000000001 (stores: [])
      --> KSTREAM-KEY-SELECT-0000000006, KSTREAM-MERGE-0000000003
      <-- KSTREAM-SOURCE-0000000000
    Processor: KSTREAM-FILTER-0000000002 (stores: [])
      --> KSTREAM-AGGREGATE-0000000011, KSTREAM-MERGE-0000000003
      <-- KSTREAM-SOURCE-0000000000
    Processor: KSTREAM-KEY-SELECT-0000000006 (stores: [])
      --> zz-repartition-filter
      <-- KSTREAM-FILTER-0000000001
    Processor: KSTREAM-MERGE-0000000003 (stores: [])
      --> KSTREAM-MERGE-0000000004
      <-- KSTREAM-FILTER-0000000001, KSTREAM-FILTER-0000000002
    Processor: KSTREAM-MERGE-0000000004 (stores: [])
      --> KSTREAM-SINK-0000000005
      <-- KSTREAM-MERGE-0000000003, KSTREAM-SOURCE-0000000000
    Processor: zz-repartition-filter (stores: [])
      --> zz-repartition-sink
      <-- KSTREAM-KEY-SELECT-0000000006
    Processor: KSTREAM-AGGREGATE-0000000011 (stores: [aa])
      --> none
      <-- KSTREAM-FILTER-0000000002
    Processor: KSTREAM-AGGREGATE-0000000012 (stores: [mm])
      --> none
      <-- KSTREAM-SOURCE-0000000000
    Sink: KSTREAM-SINK-0000000005 (topic: o1)
      <-- KSTREAM-MERGE-0000000004
    Sink: zz-repartition-sink (topic: zz-repartition)
      <-- zz-repartition-filter

  Sub-topology: 1
    Source: zz-repartition-source (topics: [zz-repartition])
      --> KSTREAM-AGGREGATE-0000000007
    Processor: KSTREAM-AGGREGATE-0000000007 (stores: [zz])
      --> none
      <-- zz-repartition-source

`,
  sameTopicsTwice: `Topologies:
   Sub-topology: 0
    Source: KSTREAM-SOURCE-0000000000 (topics: [t, u, a-topic])
      --> f, KSTREAM-FOREACH-0000000006
    Processor: f (stores: [])
      --> KSTREAM-PEEK-0000000002
      <-- KSTREAM-SOURCE-0000000000
    Processor: KSTREAM-PEEK-0000000002 (stores: [])
      --> KSTREAM-FLATMAP-0000000003
      <-- f
    Processor: KSTREAM-FLATMAP-0000000003 (stores: [])
      --> KSTREAM-SINK-0000000004
      <-- KSTREAM-PEEK-0000000002
    Processor: KSTREAM-FOREACH-0000000006 (stores: [])
      --> none
      <-- KSTREAM-SOURCE-0000000000
    Sink: KSTREAM-SINK-0000000004 (topic: o)
      <-- KSTREAM-FLATMAP-0000000003

`,
  sharedRepartition: `Topologies:
   Sub-topology: 0
    Source: KSTREAM-SOURCE-0000000000 (topics: [t])
      --> gg
    Processor: gg (stores: [])
      --> gg-repartition-filter
      <-- KSTREAM-SOURCE-0000000000
    Processor: gg-repartition-filter (stores: [])
      --> gg-repartition-sink
      <-- gg
    Sink: gg-repartition-sink (topic: gg-repartition)
      <-- gg-repartition-filter

  Sub-topology: 1
    Source: gg-repartition-source (topics: [gg-repartition])
      --> KSTREAM-AGGREGATE-0000000003, KSTREAM-REDUCE-0000000010
    Processor: KSTREAM-AGGREGATE-0000000003 (stores: [KSTREAM-AGGREGATE-STATE-STORE-0000000002])
      --> KTABLE-TOSTREAM-0000000007
      <-- gg-repartition-source
    Processor: KSTREAM-REDUCE-0000000010 (stores: [KSTREAM-REDUCE-STATE-STORE-0000000009])
      --> KTABLE-TOSTREAM-0000000014
      <-- gg-repartition-source
    Processor: KTABLE-TOSTREAM-0000000007 (stores: [])
      --> KSTREAM-SINK-0000000008
      <-- KSTREAM-AGGREGATE-0000000003
    Processor: KTABLE-TOSTREAM-0000000014 (stores: [])
      --> KSTREAM-SINK-0000000015
      <-- KSTREAM-REDUCE-0000000010
    Sink: KSTREAM-SINK-0000000008 (topic: o)
      <-- KTABLE-TOSTREAM-0000000007
    Sink: KSTREAM-SINK-0000000015 (topic: o2)
      <-- KTABLE-TOSTREAM-0000000014

`,
};
