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

export const knownDifferences: readonly KnownDifference[] = [
  {
    api: /./,
    path: /errorMessage$/,
    ours: /^text$/,
    kafkas: /^nothing$/,
    reason: 'a message that says what to do, where Apache Kafka has none',
  },
  {
    api: /./,
    path: /errorCode$/,
    kafkas: /^-1$/,
    reason: 'Apache Kafka fails inside (UNKNOWN_SERVER_ERROR) where this broker refuses what is wrong with the request',
  },
  {
    api: 'raw',
    ours: /^closed$/,
    kafkas: /^\{"bytes":"00000003/,
    reason: 'Apache Kafka takes any negative number of items for null; here only -1 is null, and -2 closes the connection',
  },
  {
    api: /^(CreateTopics|DescribeConfigs)$/,
    path: /configs\{min\.insync\.replicas\}\.(configSource|synonyms)/,
    reason: "Apache Kafka's controller sets this default as a dynamic one for the cluster when it formats its storage",
  },
  {
    api: 'DescribeConfigs',
    path: /\.synonyms/,
    reason: 'a default is told under the name under which this broker takes it; Apache Kafka has it under several units or none',
  },
  {
    api: 'Produce',
    path: /errorCode$/,
    ours: /^19$/,
    kafkas: /^0$/,
    reason:
      'min.insync.replicas above 1 cannot be kept by one node, and acks=all is refused; Apache Kafka lowers it to the number of replicas (KIP-966)',
  },
  {
    api: 'Produce',
    path: /(baseOffset|logStartOffset)$/,
    ours: /^-1$/,
    kafkas: /^\d+$/,
    reason: 'follows from the line above',
  },
  {
    api: /^(IncrementalAlterConfigs|AlterConfigs|CreateTopics)$/,
    path: /errorCode$/,
    ours: /^(3|17|37|38|39|40|42)$/,
    kafkas: /^(3|37|38|39|40|42)$/,
    reason: 'a request with two mistakes is refused for the other one',
  },
  {
    api: 'DescribeConfigs',
    path: /configs\{(auto\.create\.topics\.enable|log\.retention\.ms|message\.max\.bytes)\}\./,
    reason: 'the settings of the broker: it tells every value that holds, and has no list of those that may change while it runs',
  },
  {
    api: /^(DeleteGroups|OffsetDelete)$/,
    path: /(errorCode|topics)$/,
    ours: /^(69|\[\])$/,
    reason: 'a group without members goes with its last offset; Apache Kafka keeps its name until the next sweep',
  },
  {
    api: 'Produce',
    path: /recordErrors$/,
    ours: /^\[\]$/,
    kafkas: /^\[\{/,
    reason: 'a batch with bad records is refused as a whole, without a list of them',
  },
  {
    api: 'Produce',
    path: /errorCode$/,
    ours: /^87$/,
    kafkas: /^0$/,
    reason: 'a few bytes behind the batch: Apache Kafka drops them, here they are no batch of a producer',
  },
  {
    api: 'CreateTopics',
    path: /topicId$/,
    ours: /^[0-]+$/,
    kafkas: /^topic-id/,
    reason: 'a topic that was only validated has no id; Apache Kafka tells one, which nothing ever has',
  },
];
