/**
 * The tests of librdkafka that need only a client and one broker without security. The following
 * are left out, because they also fail on one broker of Apache Kafka or take longer than a case
 * may:
 *
 * - 0045: takes minutes on a mock broker.
 * - 0052 and 0109: need scripts of a Kafka distribution.
 * - 0081: needs an authorizer.
 * - 0103: needs three replicas.
 * - 0089, 0113 and 0118: depend on when a group's first rebalance ends.
 */
export const librdkafkaTests: readonly string[] = [
  '0001',
  '0004',
  '0005',
  '0007',
  '0008',
  '0011',
  '0012',
  '0013',
  '0015',
  '0017',
  '0019',
  '0022',
  '0026',
  '0029',
  '0030',
  '0031',
  '0033',
  '0034',
  '0036',
  '0041',
  '0042',
  '0044',
  '0048',
  '0050',
  '0051',
  '0054',
  '0061',
  '0063',
  '0067',
  '0070',
  '0073',
  '0082',
  '0083',
  '0085',
  '0090',
  '0092',
  '0099',
  '0102',
  '0106',
  '0112',
  '0120',
  '0125',
  '0129',
  '0130',
  '0132',
  '0137',
  '0140',
  '0153',
];
