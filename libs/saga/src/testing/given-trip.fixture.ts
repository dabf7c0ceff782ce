import { bookingEvents, trip, tripEvents } from '../decision/sample-saga.fixture.ts';
import { givenSaga, type SagaConversation } from './given-saga.ts';

const tripId = 't1';
const rejections = [
  bookingEvents.RoomRefused({ tripId, reason: 'no_room' }),
  bookingEvents.SeatRefused({ tripId, reason: 'no_seat' }),
  bookingEvents.CarRefused({ tripId, reason: 'no_car' }),
  tripEvents.TripConfirmationRefused({ tripId, reason: 'sold_out' }),
];

/** The sample saga, just started. Each of its rejections has one reason. */
export const givenTrip = (): SagaConversation =>
  givenSaga(trip, tripEvents.TripAsked({ tripId, city: 'Rome' }), {
    personal: { guest: 'Ada' },
    replies: rejections,
  });
