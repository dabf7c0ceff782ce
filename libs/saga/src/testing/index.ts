/** For the tests of a definition: the saga as a conversation, without database and log. */
export { givenSaga, type GivenSagaOptions, type SagaConversation } from './given-saga.ts';
