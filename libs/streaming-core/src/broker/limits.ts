/** Bounds on everything that a peer can make grow. Names end in their unit. */
export interface BrokerLimits {
  /** One request, without its size prefix (Kafka's socket.request.max.bytes). More closes the connection. */
  readonly frameBytesMax: number;
  /** What all connections together have received and not yet answered. Beyond it whoever has sent at one request for longest is disconnected. */
  readonly receivedBytesMax: number;
  /** Requests of one connection that were read and not yet answered; then it is read no further. */
  readonly requestsInFlightMax: number;
  /** Bytes of such requests of one connection, then too; a single larger request is still read. */
  readonly requestBytesInFlightMax: number;
  /** Answers that a peer has not taken yet. Beyond it no further request of that connection is begun. */
  readonly unsentBytesMax: number;
  /** Such answers of all connections together. Beyond it whoever has taken none of his for longest is disconnected. */
  readonly unsentBytesTotalMax: number;
  /** Memory of frames and answers that is kept to be used again. */
  readonly pooledBytesMax: number;
  readonly connectionsMax: number;
  /** From one address (Kafka's max.connections.per.ip). */
  readonly connectionsPerAddressMax: number;
  /** A connection without a request in progress and without traffic is closed (Kafka's connections.max.idle.ms). */
  readonly idleMsMax: number;
  /** Records in one Fetch answer (Kafka's fetch.max.bytes). */
  readonly fetchBytesMax: number;
  /** Longest park of one Fetch. */
  readonly fetchWaitMsMax: number;
  /** Fetch sessions kept for clients (Kafka's max.incremental.fetch.session.cache.slots). Beyond it some go on without one. */
  readonly fetchSessionsMax: number;
  /** Partitions in all of them together. */
  readonly fetchSessionPartitionsMax: number;
  /** Partitions of all topics: each holds memory, and an open file while it is written. */
  readonly partitionsMax: number;
  /** How long `close` waits for requests in progress. */
  readonly drainMsMax: number;
}

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

/** How far `partitionsMax` can be raised. */
export const partitionsLimitMax = 100_000;
