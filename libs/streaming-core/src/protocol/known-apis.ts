import type { Api } from './schema.ts';
import * as apiVersionsApis from './apis/api-versions.ts';
import * as clusterApis from './apis/cluster.ts';
import * as configsApis from './apis/configs.ts';
import * as fetchApis from './apis/fetch.ts';
import * as groupAdminApis from './apis/group-admin.ts';
import * as groupMembersApis from './apis/group-members.ts';
import * as groupOffsetsApis from './apis/group-offsets.ts';
import * as listOffsetsApis from './apis/list-offsets.ts';
import * as metadataApis from './apis/metadata.ts';
import * as produceApis from './apis/produce.ts';
import * as replicaPlacementApis from './apis/replica-placement.ts';
import * as saslApis from './apis/sasl.ts';
import * as topicAdminApis from './apis/topic-admin.ts';
import * as transactionAdminApis from './apis/transaction-admin.ts';
import * as transactionsApis from './apis/transactions.ts';

/** Every API with a known layout, by key. */
export const knownApis: readonly Api[] = [
  apiVersionsApis,
  clusterApis,
  configsApis,
  fetchApis,
  groupAdminApis,
  groupMembersApis,
  groupOffsetsApis,
  listOffsetsApis,
  metadataApis,
  produceApis,
  replicaPlacementApis,
  saslApis,
  topicAdminApis,
  transactionAdminApis,
  transactionsApis,
]
  .flatMap((module: object) => Object.values(module) as Api[])
  .sort((a, b) => a.key - b.key);

const ofTheClientOnly = Object.values<unknown>(saslApis);

/** The APIs that the broker serves. Each of them has a handler in `broker/handlers.ts`. */
export const servedApis = knownApis.filter((api) => !ofTheClientOnly.includes(api));
