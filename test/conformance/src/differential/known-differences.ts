/** A difference that stays, and why. Absent fields match everything. */
export interface KnownDifference {
  readonly api: string | RegExp;
  /** As `compare.ts` writes it: `responses[].partitions[].errorCode`. */
  readonly path?: RegExp;
  readonly ours?: RegExp;
  readonly kafkas?: RegExp;
  readonly versions?: readonly [min: number, max: number];
  readonly reason: string;
}

const forSeveralBrokers =
  /configs\{(compression\.\w+\.level|(follower|leader)\.replication\.throttled\.replicas|local\.retention\.\w+|remote\..*)\}$/;

export const knownDifferences: readonly KnownDifference[] = [
  {
    api: /./,
    path: /errorMessage$/,
    ours: /^text$/,
    kafkas: /^nothing$/,
    reason: 'a message that says what to do, where Apache Kafka has none',
  },
  {
    api: 'raw',
    ours: /^closed$/,
    kafkas: /^\{"bytes":"00000003/,
    reason: 'Apache Kafka takes any negative number of items for null; here only -1 is null, and -2 closes the connection',
  },
  {
    api: 'CreateTopics',
    path: forSeveralBrokers,
    ours: /^nothing$/,
    reason: 'configs for replication, tiered storage and recompression, none of which this broker does',
  },
  {
    api: 'CreateTopics',
    path: /configs\{min\.insync\.replicas\}\.configSource$/,
    kafkas: /^3$/,
    reason: "Apache Kafka's controller sets this default as a dynamic one for the cluster when it formats its storage",
  },
];
