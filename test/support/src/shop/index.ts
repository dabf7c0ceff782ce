export type { OrderStyle } from '@millrace/contracts';
export { busyShop, type BusyShop, type BuyMore } from './busy-shop.ts';
export {
  checkBooks,
  inWords,
  isPassing,
  type Books,
  type Expected,
  type ServiceViolation,
  type Violation,
} from '@millrace/books';
export { checkServices, query, readBooks } from './stack-books.ts';
export { ask, Refused, request, type Answer } from './http.ts';
export { CustomersReturn, type ReturnView } from './customers-return.ts';
export { holdTable, holdTopic, type LetGo } from './hold.ts';
export { loseMessage, type LostMessage } from './lost-message.ts';
export { mailsOf } from './mails.ts';
export { onceSettled } from './once-settled.ts';
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
export { readToEnd } from './read-to-end.ts';
export { partitionsOf, sharedAmong } from './shares.ts';
export { cancelledStory, completedStory, StoryTeller, type PublicEvent } from './story.ts';
export { orderStyles } from './styles.ts';
export { isStatement, isTimer, TestTrace, treeOf, type Span } from './traces.ts';
