import { describe, expect, it } from '@jest/globals';
import { givenSaga, type SagaConversation } from '../testing/given-saga.ts';
import {
  repair,
  repairEvents,
  repairReplies,
  repairStarts,
  workshopCommands,
} from './sample-repair.fixture.ts';

const repairId = 'r1';
const [dear, asked] = repairStarts;
const given = (start = asked): SagaConversation => givenSaga(repair, start, { replies: repairReplies });
/** The slot is booked and the device has come, so that parts and engineer are asked for. */
const side = () => given().answers('SlotBooked').hears('DeviceArrived');
const undone = (...reverse: readonly string[]) => [...reverse, 'SlotFreed', 'RepairClosed'];

describe('a saga with a condition', () => {
  it('S30 is not started by a message that its condition refuses', () => {
    given(repairEvents.RepairAsked({ repairId, price: 50, warranty: true }))
      .sends()
      .awaits()
      .endsAs('not started');
  });
});

describe('the results of replies', () => {
  it('S31 are given to later commands', () => {
    side()
      .answers('PartsReserved', 'EngineerBooked')
      .sends(
        workshopCommands.BookSlot({ repairId, approvedBy: 'nobody' }),
        workshopCommands.ReserveParts({ repairId, slot: 'monday' }),
        workshopCommands.BookEngineer({ repairId, weight: 7 }),
        workshopCommands.ConfirmRepair({ repairId, engineer: 'Edith' }),
      );
  });

  it('S31 are given to compensations, which also run without the result of their own step', () => {
    given()
      .cancels()
      .sends('BookSlot', workshopCommands.FreeSlot({ repairId, slot: 'unknown' }));
    given()
      .answers('SlotBooked')
      .cancels()
      .sends('BookSlot', workshopCommands.FreeSlot({ repairId, slot: 'monday' }));
  });

  it('S31 are taken from a late reply until the step is being undone, so that a re-send never differs', () => {
    const freeParts = (box: string) => workshopCommands.ReturnParts({ repairId, box });
    // The engineer was asked last, so the parts are undone after it.
    side()
      .cancels()
      .answersLate('PartsReserved')
      .answers('EngineerFreed')
      .sends('BookSlot', 'ReserveParts', 'BookEngineer', 'FreeEngineer', freeParts('box-1'));
    side()
      .cancels()
      .answers('EngineerFreed')
      .answersLate('PartsReserved')
      .staysSilent()
      .sends(
        'BookSlot',
        'ReserveParts',
        'BookEngineer',
        'FreeEngineer',
        freeParts('unknown'),
        freeParts('unknown'),
      );
  });
});

describe('steps side by side', () => {
  it('S32 are sent together and join, whatever the order of replies', () => {
    side().awaits('ReserveParts', 'BookEngineer');
    side().answers('EngineerBooked').awaits('ReserveParts').answers('PartsReserved').awaits('ConfirmRepair');
    side().answers('PartsReserved').awaits('BookEngineer').answers('EngineerBooked').awaits('ConfirmRepair');
  });

  it('S32 stop when one is rejected: the sent ones are undone one by one, in the reverse order of sending', () => {
    side()
      .answers('PartsRefused')
      .awaits('FreeEngineer')
      .answersLate('EngineerBooked')
      .awaits('FreeEngineer')
      .answers(...undone('EngineerFreed'))
      .endsAs('no_parts');
    side()
      .answers('PartsReserved', 'EngineerRefused')
      .awaits('ReturnParts')
      .answers(...undone('PartsReturned'))
      .endsAs('no_engineer');
    side()
      .answers('EngineerRefused')
      .answersLate('PartsRefused')
      .answers('PartsReturned', 'SlotFreed', 'RepairClosed')
      .endsAs('no_engineer');
  });

  it('S32 are all undone when one stays silent', () => {
    side()
      .answers('EngineerBooked')
      .staysSilent(3)
      .awaits('FreeEngineer')
      .answers('EngineerFreed')
      .awaits('ReturnParts')
      .answers(...undone('PartsReturned'))
      .endsAs('step_timeout');
  });

  it('S32 also run after the pivot, where each is sent until it is accepted', () => {
    const confirmed = side().answers('PartsReserved', 'EngineerBooked', 'RepairConfirmed');
    confirmed
      .awaits('burn-in')
      .waitsInVain('burn-in')
      .awaits('SendInvoice', 'SendDevice')
      .answers('DeviceSent')
      .staysSilent(5)
      .awaits('SendInvoice')
      .answers('InvoiceSent')
      .endsAs('completed');
  });
});

describe('a branch', () => {
  it('S33 takes the path of its condition and joins the flow again', () => {
    given().awaits('BookSlot');
    given(dear)
      .awaits('approval')
      .hears('RepairApproved')
      .sends(workshopCommands.BookSlot({ repairId, approvedBy: 'Grace' }))
      .awaits('BookSlot');
  });
});

describe('a wait', () => {
  it('S34 ends with its message, with the message that refuses it, or with the path of its timeout', () => {
    given(dear).hears('RepairDenied').awaits('CloseRepair').answers('RepairClosed').endsAs('too_dear');
    given(dear).waitsInVain('approval').answers('RepairClosed').endsAs('no_approval');
    given()
      .answers('SlotBooked')
      .awaits('device')
      .waitsInVain('device')
      .answers(...undone())
      .endsAs('device_lost');
  });

  it('S34 takes a message that came before the saga waited for it', () => {
    given()
      .hears('DeviceArrived')
      .awaits('BookSlot')
      .answers('SlotBooked')
      .awaits('ReserveParts', 'BookEngineer');
  });

  it('S34 ignores a message of a path that was not taken, so that a re-send never differs', () => {
    const bookSlot = workshopCommands.BookSlot({ repairId, approvedBy: 'nobody' });
    given().hears('RepairApproved').staysSilent().sends(bookSlot, bookSlot);
  });

  it('S34 ignores a message that comes twice or too late', () => {
    side().hears('DeviceArrived').awaits('ReserveParts', 'BookEngineer');
    given().answers('SlotBooked').waitsInVain('device').hears('DeviceArrived').awaits('FreeSlot');
  });
});

describe('the deadline of a saga', () => {
  it('S36 compensates it at any point of the flow, with its own reason', () => {
    given(dear).missesDeadline().answers('RepairClosed').endsAs('overdue');
    side()
      .missesDeadline()
      .answers('EngineerFreed', 'PartsReturned', 'SlotFreed', 'RepairClosed')
      .endsAs('overdue');
  });

  it('S36 has no effect once the pivot was sent', () => {
    expect(() => side().answers('PartsReserved', 'EngineerBooked').missesDeadline()).toThrow(
      'the saga has no open deadline',
    );
  });
});
