/** A difference that stays, and why. A field that is absent matches everything. */
export interface KnownDifference {
  readonly api: string | RegExp;
  /** Matches the unusual feature of the request that its session names in `about`. */
  readonly about?: RegExp;
  /** The path in the form of `compare.ts`, such as `responses[].partitions[].errorCode`. */
  readonly path?: RegExp;
  readonly ours?: RegExp;
  readonly kafkas?: RegExp;
  readonly versions?: readonly [min: number, max: number];
  /**
   * Whether it may fail to occur, because it depends on timing or on more sessions than CI plays.
   */
  readonly isRare?: true;
  /**
   * Whether the engines are in different states afterwards, so that the rest of the session cannot
   * be compared.
   */
  readonly leavesApart?: true;
  readonly reason: string;
}

export const knownDifferences: readonly KnownDifference[] = [
  {
    api: /./,
    path: /errorMessage$/,
    ours: /^text$/,
    kafkas: /^nothing$/,
    reason: 'this broker sends a message that says what to do; Apache Kafka sends none',
  },
  {
    api: /./,
    path: /errorCode$/,
    ours: /^[1-9]\d*$/,
    kafkas: /^-1$/,
    reason:
      'Apache Kafka fails internally (UNKNOWN_SERVER_ERROR); this broker rejects what is wrong with the request',
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
    reason: 'the same, when synonyms are requested',
  },
  {
    api: 'IncrementalAlterConfigs',
    about: /^an unknown broker config$/,
    path: /errorCode$/,
    ours: /^42$/,
    kafkas: /^0$/,
    isRare: true,
    reason:
      'this broker rejects an unknown broker config because it is probably a typo, also at startup; ' +
      'Apache Kafka stores it, and it has no effect',
  },
  {
    api: 'Produce',
    about: /^too few replicas$/,
    path: /(errorCode|baseOffset|logStartOffset)$/,
    ours: /^(19|-1)$/,
    kafkas: /^0$/,
    reason:
      'one node cannot satisfy min.insync.replicas above 1, so this broker refuses acks=all; ' +
      'Apache Kafka lowers the setting to the number of replicas (KIP-966)',
  },
  {
    api: /^(Produce|Fetch)$/,
    about: /^(bytes that are not|one record more than there are, in) /,
    path: /(errorCode|baseOffset|highWatermark|lastStableOffset|batches)$/,
    ours: /^([034]|\[\[.*)$/,
    kafkas: /^(-1|87|0|\[\])$/,
    reason:
      'this broker unpacks compressed records only for a compacted topic (docs/adr/0019), ' +
      'so wrong ones are noticed when they are read',
  },
  {
    api: /^(Produce|Fetch)$/,
    about: /^records that are not numbered from 0$/,
    path: /(errorCode|baseOffset|highWatermark|lastStableOffset|batches)$/,
    ours: /^(87|-1|0|\[\])$/,
    kafkas: /^(0|2|\[\[.*)$/,
    reason: 'Apache Kafka stores such records, and consumers see wrong offsets; this broker rejects them',
  },
  {
    api: 'Fetch',
    about: /^a highest time that no record has$/,
    path: /records\.batches\[\]\[\]$/,
    ours: /^\d+$/,
    kafkas: /^\d+$/,
    reason:
      'this broker takes the highest time of a batch from its header, as the producer wrote it; ' +
      'Apache Kafka computes it from the records',
  },
  {
    api: 'DescribeConfigs',
    path: /configs\{auto\.create\.topics\.enable\}\.synonyms\[\]\.value$/,
    ours: /^false$/,
    kafkas: /^true$/,
    reason: 'the default is false here, so that a misspelt topic is an error',
  },
  {
    api: 'Produce',
    about: / in (gzip|snappy|lz4|zstd)\b/,
    path: /recordErrors$/,
    ours: /^\[\]$/,
    kafkas: /^\[\{/,
    reason:
      'this broker rejects compressed records with a wrong time as a whole, without listing them, ' +
      'because it does not unpack them',
  },
  {
    api: 'Fetch',
    about: /^a negative limit$/,
    path: /^responses\[\]\.partitions\[\]\./,
    reason: 'a negative byte limit means 0 here; Apache Kafka fails internally if there are records',
  },
  {
    api: 'ListOffsets',
    about: /^the highest time behind a deletion$/,
    path: /(timestamp|offset)$/,
    isRare: true,
    reason:
      'the highest time (-3) belongs to a readable record here; Apache Kafka may return that of a ' +
      'record deleted by DeleteRecords',
  },
  {
    api: 'CreateTopics',
    about: /^colliding names$/,
    path: /(errorCode|errorMessage|numPartitions|replicationFactor|configs)$/,
    isRare: true,
    reason:
      'two new topics of one request may not differ only in dots and underscores; ' +
      'Apache Kafka checks that only against existing topics',
  },
  {
    api: 'CreateTopics',
    path: /topicId$/,
    ours: /^[0-]+$/,
    kafkas: /^topic-id/,
    isRare: true,
    reason: 'a topic that was only validated has no id here; Apache Kafka returns one that is never used',
  },
  {
    api: /^(Produce|TxnOffsetCommit)$/,
    path: /errorCode$/,
    ours: /^(48|120)$/,
    kafkas: /^(48|120)$/,
    isRare: true,
    reason:
      'this broker answers INVALID_TXN_STATE to an older client and TRANSACTION_ABORTABLE to a newer ' +
      'one; Apache Kafka verifies several requests at once and answers all of them as ' +
      'it answers the first',
  },
  {
    api: 'DescribeTransactions (until it is as wanted)',
    ours: /^settled$/,
    kafkas: /^never-settled$/,
    isRare: true,
    leavesApart: true,
    reason:
      "after an administrator's marker has given the partition a later epoch, " +
      'the transaction ends here without that partition; in Apache Kafka it stays ' +
      'prepared until a restart',
  },
];
