export { sharedStack } from '../stack/shared-stack.ts';
export { startReplica, type Engines, type Replica } from '../stack/replica.ts';
export { serviceNames, type ServiceName, type StackPlaces } from '../stack/spawn-stack.ts';
export { freePorts, startStack, type TestStack, type TestStackOptions } from '../stack/start-stack.ts';
export { partitionFolder } from '../stack/partition-folder.ts';
export { until } from '../stack/until.ts';
export { busyShop, type BusyShop, type BuyMore } from './busy-shop.ts';
export { query, readBooks, type Books } from './books.ts';
export { checkBooks, inWords, isPassing, onceSettled, type Expected, type Violation } from './check-books.ts';
export { ask, Refused, request, type Answer } from './http.ts';
export { holdTable, holdTopic, type LetGo } from './hold.ts';
export { mailsOf } from './mails.ts';
export {
  openShop,
  PlacedOrder,
  Shop,
  type NewOrder,
  type OrderView,
  type SagaView,
  type ShopOptions,
} from './open-shop.ts';
export {
  cancelIfInTime,
  type CancellationAnswer,
  competition,
  problemsAfter,
  randomCustomers,
  randomOrder,
  randomProducts,
} from './random-orders.ts';
export { partitionsOf, sharedAmong } from './shares.ts';
export { completedStory, StoryTeller, type PublicEvent } from './story.ts';
export { isStatement, isTimer, TestTrace, treeOf, type Span } from './traces.ts';
