/** Tests a definition as a conversation, without a database or a log. */
export { givenSaga, type GivenSagaOptions, type SagaConversation } from './given-saga.ts';
/** Draws a definition, for the documents. */
export { sagaDiagram } from './saga-diagram.ts';
/** Makes every fault of a definition, and plays them alone and in pairs. */
export { everyFault } from './every-fault.ts';
/** Replays what released definitions have sent. */
export { assertGoldenHistories } from './golden-histories.ts';
/** Records what a definition sends, before its release. */
export { recordGoldenHistories, type SagaSamples } from './record-histories.ts';
