import { trip, tripEvents, tripRejections } from '../decision/sample-saga.fixture.ts';
import { givenSaga, type SagaConversation } from './given-saga.ts';

/** The sample saga, just started. */
export const givenTrip = (): SagaConversation =>
  givenSaga(trip, tripEvents.TripAsked({ tripId: 't1', city: 'Rome' }), {
    personal: { guest: 'Ada' },
    replies: tripRejections,
  });
