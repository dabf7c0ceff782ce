import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { assertGoldenHistories, givenSaga } from '@millrace/saga/testing';
import { storeEvents } from './pickup-messages.ts';
import { pickupVersions } from './pickup.saga.ts';

const requested = storeEvents.PickupRequested({ orderId: 'order-1', store: 'Leeds' });
const replies = [storeEvents.GiftRefused({ orderId: 'order-1', reason: 'no_paper' })];
const [version2, version1] = pickupVersions.map((version) => givenSaga(version, requested, { replies }));

describe('a pickup', () => {
  it('that began with version 1 ends without a gift', () => {
    version1!.answers('ShelfHeld').sends('HoldShelf').endsAs('completed');
  });

  it('that begins with version 2 is wrapped', () => {
    version2!.answers('ShelfHeld', 'GiftWrapped').sends('HoldShelf', 'WrapGift').endsAs('completed');
  });

  it('frees the shelf when there is no paper', () => {
    version2!
      .answers('ShelfHeld', 'GiftRefused', 'ShelfFreed', 'PickupClosed')
      .sends('HoldShelf', 'WrapGift', 'FreeShelf', 'ClosePickup')
      .endsAs('no_paper');
  });

  it('sends the same commands as when its version was released', () => {
    assertGoldenHistories(join(import.meta.dirname, 'golden-histories'), pickupVersions);
  });

  it('starts with the newest version', () => {
    expect(pickupVersions.map(({ version }) => version)).toEqual([2, 1]);
  });
});
