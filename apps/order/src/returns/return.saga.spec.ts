import { describe, expect, it } from '@jest/globals';
import {
  inventoryCommands,
  inventoryEvents,
  orderCommands,
  orderEvents,
  paymentCommands,
  paymentEvents,
  shippingEvents,
} from '@millrace/contracts';
import { everyFault, givenSaga } from '@millrace/saga/testing';
import { days } from '@millrace/streaming-core/runtime';
import { returnSaga } from './return.saga.ts';

const orderId = '0199e5a0-0000-7000-8000-000000000001';
const lines = [{ sku: 'lamp', quantity: 2 }];
const refund = { amount: 40_00, currency: 'EUR' };
const at = '2026-11-25T09:00:00.000Z';
const requested = (amount = refund.amount) =>
  orderEvents.ReturnRequested({
    orderId,
    customerId: 'ada',
    lines,
    refund: { amount, currency: 'EUR' },
    requestedAt: at,
  });

/** Replies with fields that the command does not have. */
const replies = [
  orderEvents.ReturnApproved({ orderId, approvedAt: at }),
  orderEvents.ReturnDenied({ orderId, reason: 'denied' }),
  shippingEvents.ReturnLabelMade({ orderId, trackingNumber: 'RL-7' }),
  shippingEvents.ReturnLabelRefused({ orderId, reason: 'label_refused' }),
  shippingEvents.ReturnParcelReceived({ orderId, receivedAt: at }),
  inventoryEvents.ReturnRefused({ orderId, reason: 'not_shipped' }),
  paymentEvents.ReturnRefundRefused({ orderId, reason: 'refund_refused' }),
  paymentEvents.ReturnRefundReversed({ orderId, amount: refund }),
  orderEvents.ReturnCompleted({ orderId, refund, completedAt: at }),
  orderEvents.ReturnCompletionRejected({ orderId, reason: 'withdrawn_by_customer' }),
  orderEvents.ReturnClosed({ orderId, reason: 'denied', closedAt: at }),
];
const definition = returnSaga({
  returnApprovalMs: days(3),
  returnParcelMs: days(14),
  returnInspectionMs: days(1),
});
const given = (amount?: number) => givenSaga(definition, requested(amount), { replies });
const valuable = () => given(300_00);
const announced = () => given().answers('ReturnLabelMade', 'ReturnAnnounced');
const arrived = () => announced().hears('ReturnParcelReceived');

describe('the return of an order', () => {
  it('completes: label, parcel, units and money side by side, and then the sale of the units', () => {
    arrived()
      .awaits('ReceiveReturn', 'RefundReturn')
      .answers('ReturnRefunded', 'ReturnReceived', 'ReturnCompleted')
      .awaits('inspection')
      .waitsInVain('inspection')
      .answers('ReturnRestocked')
      .sends(
        'MakeReturnLabel',
        orderCommands.AnnounceReturn({ orderId, trackingNumber: 'RL-7' }),
        inventoryCommands.ReceiveReturn({ orderId, lines }),
        paymentCommands.RefundReturn({ orderId, customerId: 'ada', amount: refund }),
        'RestockReturn',
      )
      .endsAs('completed');
  });

  it('waits for an approval above the limit', () => {
    valuable().awaits('approval').hears('ReturnApproved').awaits('MakeReturnLabel');
    valuable().hears('ReturnDenied').answers('ReturnClosed').endsAs('denied');
    valuable().waitsInVain('approval').answers('ReturnClosed').endsAs('approval_overdue');
  });

  it('ends without a parcel, and voids the label', () => {
    announced()
      .waitsInVain('parcel')
      .answers('ReturnLabelVoided', 'ReturnClosed')
      .sends(
        'MakeReturnLabel',
        'AnnounceReturn',
        'VoidReturnLabel',
        orderCommands.CloseReturn({ orderId, reason: 'parcel_overdue' }),
      )
      .endsAs('parcel_overdue');
    given().answers('ReturnLabelRefused', 'ReturnClosed').endsAs('label_refused');
  });

  it('sends the units back if the money cannot be refunded, and the other way round', () => {
    arrived()
      .answers('ReturnReceived', 'ReturnRefundRefused', 'ReturnSentBack', 'ReturnLabelVoided', 'ReturnClosed')
      .endsAs('refund_refused');
    arrived()
      .answers('ReturnRefused', 'ReturnRefundReversed', 'ReturnLabelVoided', 'ReturnClosed')
      .endsAs('not_shipped');
  });

  it('can be withdrawn until it is completed', () => {
    announced().cancels().answers('ReturnLabelVoided', 'ReturnClosed').endsAs('withdrawn_by_customer');
    arrived()
      .answers('ReturnReceived', 'ReturnRefunded')
      .cancels()
      .answers('ReturnCompletionRejected')
      .answers('ReturnRefundReversed', 'ReturnSentBack', 'ReturnLabelVoided', 'ReturnClosed')
      .endsAs('withdrawn_by_customer');
  });

  it('is closed at its deadline', () => {
    announced().missesDeadline().answers('ReturnLabelVoided', 'ReturnClosed').endsAs('return_overdue');
  });
});

describe('every fault of a return', () => {
  it.each(everyFault(definition, { starts: [requested(300_00), requested()], replies }))(
    'S01 $title, alone and with every other fault: it ends once, with everything undone or nothing',
    ({ title, play }) => {
      expect(play()).toContain(title);
    },
  );
});
