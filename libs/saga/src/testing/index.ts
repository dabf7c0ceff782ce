/** Tests a definition as a conversation, without a database or a log. */
export { givenSaga, type GivenSagaOptions, type SagaConversation } from './given-saga.ts';
