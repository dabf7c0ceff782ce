/**
 * Every name of the semantic conventions that spans and metrics use, in one place, since the
 * conventions for messaging and Kafka are not stable yet and have been renamed before. A test
 * compares them with the package of this version.
 */
export const conventionsVersion = '1.45.0';
export const schemaUrl = `https://opentelemetry.io/schemas/${conventionsVersion}`;
export const scope = '@millrace/service-chassis';

export const attribute = {
  errorType: 'error.type',
  serverAddress: 'server.address',
  serverPort: 'server.port',

  httpRequestMethod: 'http.request.method',
  httpResponseStatusCode: 'http.response.status_code',
  httpRoute: 'http.route',
  urlPath: 'url.path',
  urlScheme: 'url.scheme',

  messagingClientId: 'messaging.client.id',
  messagingSystemName: 'messaging.system.name',
  messagingOperationName: 'messaging.operation.name',
  messagingOperationType: 'messaging.operation.type',
  messagingDestinationName: 'messaging.destination.name',
  messagingDestinationPartitionId: 'messaging.destination.partition.id',
  messagingConsumerGroupName: 'messaging.consumer.group.name',
  messagingBatchMessageCount: 'messaging.batch.message_count',
  messagingMessageId: 'messaging.message.id',
  messagingMessageConversationId: 'messaging.message.conversation_id',
  messagingMessageBodySize: 'messaging.message.body.size',
  kafkaOffset: 'kafka.offset',

  dbSystemName: 'db.system.name',
  dbNamespace: 'db.namespace',
  dbOperationName: 'db.operation.name',
  dbOperationBatchSize: 'db.operation.batch.size',
  dbQuerySummary: 'db.query.summary',
  dbQueryText: 'db.query.text',
  dbResponseStatusCode: 'db.response.status_code',
  dbClientConnectionState: 'db.client.connection.state',
  dbClientConnectionPoolName: 'db.client.connection.pool.name',
} as const;

/** Attributes that the conventions do not define. */
export const ownAttribute = {
  correlationId: 'millrace.correlation_id',
  sagaDefinition: 'millrace.saga.definition',
  sagaId: 'millrace.saga.id',
  sagaInput: 'millrace.saga.input',
  sagaRole: 'millrace.saga.role',
  sagaStep: 'millrace.saga.step',
  sagaStatus: 'millrace.saga.status',
  sagaStepsSent: 'millrace.saga.steps_sent',
  callKind: 'millrace.external_call.kind',
  callKey: 'millrace.external_call.key',
  callAttempt: 'millrace.external_call.attempt',
  callsRecorded: 'millrace.external_call.recorded',
} as const;

export const metric = {
  httpServerRequestDuration: 'http.server.request.duration',
  messagingClientOperationDuration: 'messaging.client.operation.duration',
  messagingClientSentMessages: 'messaging.client.sent.messages',
  messagingClientConsumedMessages: 'messaging.client.consumed.messages',
  messagingProcessDuration: 'messaging.process.duration',
  dbClientOperationDuration: 'db.client.operation.duration',
  dbClientConnectionCount: 'db.client.connection.count',
  dbClientConnectionLimit: 'db.client.connection.limit',
  dbClientConnectionPendingRequests: 'db.client.connection.pending_requests',
} as const;

export const value = {
  kafka: 'kafka',
  postgresql: 'postgresql',
  send: 'send',
  poll: 'poll',
  receive: 'receive',
  process: 'process',
  commit: 'commit',
  settle: 'settle',
} as const;
