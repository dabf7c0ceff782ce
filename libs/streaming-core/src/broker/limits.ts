/** Limits on everything that a peer can make grow. Each name contains its unit. */
export interface BrokerLimits {
  /**
   * Size of one request without its size prefix (Kafka's socket.request.max.bytes). A larger
   * request closes the connection.
   */
  readonly frameBytesMax: number;
  /**
   * Bytes that all connections together have sent and that are not answered yet. Over this limit,
   * the connection that has taken longest to send a request is closed.
   */
  readonly receivedBytesMax: number;
  /** Unanswered requests of one connection. At this limit, the broker stops reading from it. */
  readonly requestsInFlightMax: number;
  /**
   * Bytes of such requests of one connection. At this limit, the broker also stops reading from it,
   * but it still accepts a single larger request.
   */
  readonly requestBytesInFlightMax: number;
  /**
   * Bytes of answers that a peer has not read yet. Over this limit, no further request of the
   * connection begins.
   */
  readonly unsentBytesMax: number;
  /**
   * Bytes of such answers over all connections. Over this limit, the connection that has gone
   * longest without reading any is closed.
   */
  readonly unsentBytesTotalMax: number;
  /** Memory of frames and answers that is kept for reuse. */
  readonly pooledBytesMax: number;
  readonly connectionsMax: number;
  /** Connections from one address (Kafka's max.connections.per.ip). */
  readonly connectionsPerAddressMax: number;
  /**
   * A connection is closed after this time without requests in progress and without traffic
   * (Kafka's connections.max.idle.ms).
   */
  readonly idleMsMax: number;
  /** Bytes of records in one Fetch response (Kafka's fetch.max.bytes). */
  readonly fetchBytesMax: number;
  /** The longest that one Fetch is parked. */
  readonly fetchWaitMsMax: number;
  /**
   * Fetch sessions (Kafka's max.incremental.fetch.session.cache.slots). Over this limit, clients
   * continue without one.
   */
  readonly fetchSessionsMax: number;
  /** Partitions of all fetch sessions together. */
  readonly fetchSessionPartitionsMax: number;
  /** Partitions of all topics. Each takes memory, and an open file while it is written. */
  readonly partitionsMax: number;
  /** How long `close` waits for requests in progress. */
  readonly drainMsMax: number;
}

/**
 * The limits of a broker whose properties set no others. Those that Kafka has as well have Kafka's
 * defaults.
 */
export const defaultLimits: BrokerLimits = Object.freeze({
  frameBytesMax: 104_857_600,
  receivedBytesMax: 536_870_912,
  requestsInFlightMax: 64,
  requestBytesInFlightMax: 8_388_608,
  unsentBytesMax: 1_048_576,
  unsentBytesTotalMax: 268_435_456,
  pooledBytesMax: 16_777_216,
  connectionsMax: 1_000,
  connectionsPerAddressMax: 2_147_483_647,
  idleMsMax: 600_000,
  fetchBytesMax: 57_671_680,
  fetchWaitMsMax: 600_000,
  fetchSessionsMax: 1_000,
  fetchSessionPartitionsMax: 200_000,
  partitionsMax: 4_000,
  drainMsMax: 5_000,
});

/** The highest value that `partitionsMax` can be set to. */
export const partitionsLimitMax = 100_000;
