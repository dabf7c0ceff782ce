/** A difference that stays, and why. Absent fields match everything. */
export interface KnownDifference {
  readonly api: string | RegExp;
  /** What is odd about the request, where its session says so. */
  readonly about?: RegExp;
  /** As `compare.ts` writes it: `responses[].partitions[].errorCode`. */
  readonly path?: RegExp;
  readonly ours?: RegExp;
  readonly kafkas?: RegExp;
  readonly versions?: readonly [min: number, max: number];
  /** Depends on a moment, or on more sessions than CI plays: it need not occur. */
  readonly isRare?: true;
  /** The engines are in different states from there on: the rest of the session says nothing. */
  readonly leavesApart?: true;
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
    ours: /^[1-9]\d*$/,
    kafkas: /^-1$/,
    reason:
      'Apache Kafka fails inside (UNKNOWN_SERVER_ERROR) where this broker refuses what is wrong with the request',
  },
  {
    api: /^(CreateTopics|DescribeConfigs)$/,
    path: /configs\{min\.insync\.replicas\}\.configSource$/,
    ours: /^5$/,
    kafkas: /^3$/,
    reason:
      "Apache Kafka's controller sets this default as a dynamic one for the cluster when it formats its storage",
  },
  {
    api: 'DescribeConfigs',
    path: /configs\{min\.insync\.replicas\}\.synonyms$/,
    ours: /^((?!"source":3).)*$/,
    kafkas: /"source":3/,
    reason: 'the same, where synonyms are asked for',
  },
  {
    api: 'IncrementalAlterConfigs',
    about: /^a broker config that there is not$/,
    path: /errorCode$/,
    ours: /^42$/,
    kafkas: /^0$/,
    isRare: true,
    reason:
      'a broker config that is none of Apache Kafka’s is refused as a typing error, at the start too; Apache Kafka keeps it, and nothing acts on it',
  },
  {
    api: 'Produce',
    about: /^too few replicas$/,
    path: /(errorCode|baseOffset|logStartOffset)$/,
    ours: /^(19|-1)$/,
    kafkas: /^0$/,
    reason:
      'min.insync.replicas above 1 cannot be kept by one node, and acks=all is refused; Apache Kafka lowers it to the number of replicas (KIP-966)',
  },
  {
    api: /^(Produce|Fetch)$/,
    about: /^(bytes that are not|one record more than there are, in) /,
    path: /(errorCode|baseOffset|highWatermark|lastStableOffset|batches)$/,
    ours: /^([034]|\[\[.*)$/,
    kafkas: /^(-1|87|0|\[\])$/,
    reason:
      'records that are compressed are not unpacked but for a compacted topic (docs/adr/0019): who sent them wrongly finds out when they are read',
  },
  {
    api: /^(Produce|Fetch)$/,
    about: /^records that are not numbered from 0$/,
    path: /(errorCode|baseOffset|highWatermark|lastStableOffset|batches)$/,
    ours: /^(87|-1|0|\[\])$/,
    kafkas: /^(0|2|\[\[.*)$/,
    reason:
      'Apache Kafka stores them, and consumers are told offsets that are not theirs; here they are refused',
  },
  {
    api: 'Fetch',
    about: /^a highest time that no record has$/,
    path: /records\.batches\[\]\[\]$/,
    ours: /^\d+$/,
    kafkas: /^\d+$/,
    reason:
      'the highest time of a batch is taken from its header as the producer wrote it; Apache Kafka sets it from the records',
  },
  {
    api: 'DescribeConfigs',
    path: /configs\{auto\.create\.topics\.enable\}\.synonyms\[\]\.value$/,
    ours: /^false$/,
    kafkas: /^true$/,
    reason: 'false is the default here, where a misspelt topic is an error',
  },
  {
    api: 'Produce',
    about: / in (gzip|snappy|lz4|zstd)\b/,
    path: /recordErrors$/,
    ours: /^\[\]$/,
    kafkas: /^\[\{/,
    reason:
      'records of a wrong time that are compressed are refused as a whole, without a list of them: they are not unpacked',
  },
  {
    api: 'Fetch',
    about: /^a negative limit$/,
    path: /^responses\[\]\.partitions\[\]\./,
    reason: 'a negative limit of bytes is 0 here; Apache Kafka fails inside by it where there are records',
  },
  {
    api: 'ListOffsets',
    about: /^the highest time behind a deletion$/,
    path: /(timestamp|offset)$/,
    isRare: true,
    reason:
      'the highest time (-3) is that of a record which can be read; Apache Kafka may name one that DeleteRecords has taken',
  },
  {
    api: 'CreateTopics',
    about: /^colliding names$/,
    path: /(errorCode|errorMessage|numPartitions|replicationFactor|configs)$/,
    isRare: true,
    reason:
      'two new topics of one request may not differ in dots and underscores only; Apache Kafka looks for that among the topics that it has already',
  },
  {
    api: 'CreateTopics',
    path: /topicId$/,
    ours: /^[0-]+$/,
    kafkas: /^topic-id/,
    isRare: true,
    reason: 'a topic that was only validated has no id; Apache Kafka tells one, which nothing ever has',
  },
  {
    api: /^(Produce|TxnOffsetCommit)$/,
    path: /errorCode$/,
    ours: /^(48|120)$/,
    kafkas: /^(48|120)$/,
    isRare: true,
    reason:
      'an older client is told INVALID_TXN_STATE, a newer one TRANSACTION_ABORTABLE; Apache Kafka asks for several requests at once, and tells each what the first can be told',
  },
  {
    api: 'DescribeTransactions (until it is as wanted)',
    ours: /^settled$/,
    kafkas: /^never-settled$/,
    isRare: true,
    leavesApart: true,
    reason:
      "an administrator's marker has given the partition a later epoch: here the transaction ends without that partition, in Apache Kafka it stays prepared until a restart",
  },
];
