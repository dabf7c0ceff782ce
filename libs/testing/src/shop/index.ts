export { sharedStack } from '../stack/shared-stack.ts';
export { startStack, type ServiceName, type StackPlaces, type TestStack } from '../stack/start-stack.ts';
export { until } from '../stack/until.ts';
export { problemsOf, query, readBooks, type Books, type OrderBook, type StockBook } from './books.ts';
export { AnswerLost, ask, Refused, request, type Answer } from './http.ts';
export { mailsOf } from './mails.ts';
export { openShop, PlacedOrder, Shop, type NewOrder, type OrderView, type SagaView, type ShopOptions } from './open-shop.ts';
export { competition, problemsAfter, randomCustomers, randomOrder, randomProducts, seededRandom } from './random-orders.ts';
export { StoryTeller, type PublicEvent } from './story.ts';
