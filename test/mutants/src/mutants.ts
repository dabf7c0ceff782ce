import { adminMutants } from './admin-mutants.ts';
import { answerMutants } from './answer-mutants.ts';
import { choreographyMutants } from './choreography-mutants.ts';
import { clientMutants } from './client-mutants.ts';
import { commandMutants } from './command-mutants.ts';
import { commitSentAlongMutants } from './commit-sent-along-mutants.ts';
import { connectionMutants } from './connection-mutants.ts';
import { consumerMutants } from './consumer-mutants.ts';
import { exactlyOnceMutants } from './exactly-once-mutants.ts';
import { localSagaMutants } from './local-saga-mutants.ts';
import { sagaFlowMutants } from './saga-flow-mutants.ts';
import { messageMutants } from './message-mutants.ts';
import { outboxMutants } from './outbox-mutants.ts';
import { producerMutants } from './producer-mutants.ts';
import { restoreMutants } from './restore-mutants.ts';
import { sagaMutants } from './saga-mutants.ts';
import { shopMutants } from './shop-mutants.ts';
import { streamsResultMutants } from './streams-result-mutants.ts';
import { streamsStateMutants } from './streams-state-mutants.ts';
import { watchMutants } from './watch-mutants.ts';
import { snapshotMutants } from './snapshot-mutants.ts';
import { transactionMutants } from './transaction-mutants.ts';
import type { Mutant } from './mutant.ts';

/** Every fault that a named test must catch, grouped by area. */
export const mutants: readonly Mutant[] = [
  ...messageMutants,
  ...answerMutants,
  ...outboxMutants,
  ...exactlyOnceMutants,
  ...restoreMutants,
  ...sagaMutants,
  ...localSagaMutants,
  ...sagaFlowMutants,
  ...choreographyMutants,
  ...commandMutants,
  ...shopMutants,
  ...commitSentAlongMutants,
  ...watchMutants,
  ...snapshotMutants,
  ...connectionMutants,
  ...clientMutants,
  ...consumerMutants,
  ...adminMutants,
  ...producerMutants,
  ...transactionMutants,
  ...streamsStateMutants,
  ...streamsResultMutants,
];

export type { Mutant };
