import { saga } from '@millrace/saga';
import { storeCommands, storeEvents } from './pickup-messages.ts';
import { pickupVersion1 } from './pickup-version-1.saga.ts';

const pickup = saga('pickup', {
  version: 2,
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
  .step('gift', {
    command: ({ request: { orderId } }) => storeCommands.WrapGift({ orderId }),
    accepted: storeEvents.GiftWrapped,
    rejected: storeEvents.GiftRefused,
    compensation: ({ request: { orderId } }) => storeCommands.UnwrapGift({ orderId }),
    compensated: storeEvents.GiftUnwrapped,
  })
  .whenCompensated(
    ({ request: { orderId }, failure }) => storeCommands.ClosePickup({ orderId, reason: failure.reason }),
    { accepted: storeEvents.PickupClosed },
  );

/** Every version that a running saga may still use. New ones start with the newest. */
export const pickupVersions = [pickup, pickupVersion1];
