/** Of a file written for Apache Kafka: threads, sockets, quorum and replication of a cluster. One node on one thread can do without. */
const withoutEffect = new Set([
  'background.threads',
  'broker.heartbeat.interval.ms',
  'broker.id',
  'broker.rack',
  'broker.session.timeout.ms',
  'cluster.id',
  'controller.listener.names',
  'controller.quorum.bootstrap.servers',
  'controller.quorum.voters',
  'inter.broker.listener.name',
  'listener.security.protocol.map',
  'log.cleaner.threads',
  'log.flush.scheduler.interval.ms',
  'metadata.log.dir',
  'node.id',
  'num.io.threads',
  'num.network.threads',
  'num.recovery.threads.per.data.dir',
  'num.replica.fetchers',
  'offsets.topic.replication.factor',
  'process.roles',
  'queued.max.requests',
  'replica.fetch.max.bytes',
  'replica.lag.time.max.ms',
  'share.coordinator.state.topic.min.isr',
  'share.coordinator.state.topic.replication.factor',
  'socket.receive.buffer.bytes',
  'socket.send.buffer.bytes',
  'transaction.state.log.min.isr',
  'transaction.state.log.replication.factor',
  'unclean.leader.election.enable',
]);

/** What would be missed if it were passed over in silence. */
const reasons: ReadonlyArray<readonly [RegExp, string]> = [
  [/^(ssl|sasl|security|listener\.name)\./, 'this broker speaks plaintext only; for TLS and SASL run Apache Kafka'],
  [/^(authorizer|super\.users|allow\.everyone)/, 'this broker has no access control; for ACLs run Apache Kafka'],
  [/^(quota|client\.quota)/, 'this broker has no quotas; for them run Apache Kafka'],
  [/^(remote\.log|rlmm)/, 'this broker has no tiered storage; for it run Apache Kafka'],
  [/^log\.flush\.interval/, 'this broker syncs before it acknowledges; set millrace.flush to commit, interval or none instead'],
];

/** Names of Kafka's that this broker does not act on. */
export const unservedConfigs = {
  withoutEffect: withoutEffect as ReadonlySet<string>,
  reasonAgainst: (name: string): string | undefined => reasons.find(([pattern]) => pattern.test(name))?.[1],
};
