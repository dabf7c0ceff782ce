import { saga } from '@millrace/saga';
import { storeCommands, storeEvents } from './pickup-messages.ts';

/** The pickups that began before gifts were wrapped. */
export const pickupVersion1 = saga('pickup', {
  version: 1,
  starts: storeEvents.PickupRequested,
  id: (request) => request.orderId,
  subject: 'request',
  commands: [storeCommands],
})
  .step('shelf', {
    command: ({ request: { orderId, store } }) => storeCommands.HoldShelf({ orderId, store }),
    accepted: storeEvents.ShelfHeld,
    rejected: storeEvents.ShelfRefused,
    compensation: ({ request: { orderId } }) => storeCommands.FreeShelf({ orderId }),
    compensated: storeEvents.ShelfFreed,
  })
  .whenCompensated(
    ({ request: { orderId }, failure }) => storeCommands.ClosePickup({ orderId, reason: failure.reason }),
    { accepted: storeEvents.PickupClosed },
  );
