import {
  inventoryCommands,
  inventoryEvents,
  orderCommands,
  orderEvents,
  paymentCommands,
  paymentEvents,
  shippingCommands,
  shippingEvents,
} from '@millrace/contracts';
import { saga, type SagaDefinition } from '@millrace/saga';
import { days, type DurationMs } from '@millrace/streaming-core/runtime';
import { needsApproval, type ReturnCommand } from './return.ts';

/** How long the parts of a return may take. */
export interface ReturnTimes {
  readonly returnApprovalMs: DurationMs;
  readonly returnParcelMs: DurationMs;
  /** The time between the completion of a return and the sale of its units. */
  readonly returnInspectionMs: DurationMs;
}

/** A running return keeps the version that it started with. */
export const returnSagaVersion = { name: 'return', version: 1 } as const;

/** Takes back what a customer has bought: label, parcel, units and money. */
export const returnSaga = ({
  returnApprovalMs: approvalMs,
  returnParcelMs: parcelMs,
  returnInspectionMs: inspectionMs,
}: ReturnTimes): SagaDefinition =>
  saga(returnSagaVersion.name, {
    version: returnSagaVersion.version,
    starts: orderEvents.ReturnRequested,
    startsLocally: true,
    id: (request) => request.orderId,
    subject: 'request',
    commands: [inventoryCommands, orderCommands, paymentCommands, shippingCommands],
    deadline: { after: approvalMs + parcelMs + days(10), reason: 'return_overdue' },
  })
    .branch('valuable', {
      when: ({ request }) => needsApproval(request.refund),
      then: (valuable) =>
        valuable.waitFor('approval', {
          event: orderEvents.ReturnApproved,
          refused: orderEvents.ReturnDenied,
          within: approvalMs,
          timedOut: (late) => late.fail('approval_overdue'),
        }),
    })
    .step('label', {
      command: ({ request: { orderId } }) => shippingCommands.MakeReturnLabel({ orderId }),
      accepted: shippingEvents.ReturnLabelMade,
      result: ({ trackingNumber }) => trackingNumber,
      rejected: shippingEvents.ReturnLabelRefused,
      compensation: ({ request: { orderId } }) => shippingCommands.VoidReturnLabel({ orderId }),
      compensated: shippingEvents.ReturnLabelVoided,
    })
    .inform('announce', {
      command: ({ request: { orderId }, results: { label } }) =>
        orderCommands.AnnounceReturn({ orderId, trackingNumber: label }),
      accepted: orderEvents.ReturnAnnounced,
    })
    .waitFor('parcel', {
      event: shippingEvents.ReturnParcelReceived,
      within: parcelMs,
      timedOut: (late) => late.fail('parcel_overdue'),
    })
    .parallel((together) =>
      together
        .step('receive', {
          command: ({ request: { orderId, lines } }) => inventoryCommands.ReceiveReturn({ orderId, lines }),
          accepted: inventoryEvents.ReturnReceived,
          rejected: inventoryEvents.ReturnRefused,
          compensation: ({ request: { orderId, lines } }) =>
            inventoryCommands.SendBackReturn({ orderId, lines }),
          compensated: inventoryEvents.ReturnSentBack,
        })
        .step('refund', {
          command: ({ request: { orderId, customerId, refund } }) =>
            paymentCommands.RefundReturn({ orderId, customerId, amount: refund }),
          accepted: paymentEvents.ReturnRefunded,
          rejected: paymentEvents.ReturnRefundRefused,
          compensation: ({ request: { orderId, customerId } }) =>
            paymentCommands.ReverseReturnRefund({ orderId, customerId }),
          compensated: paymentEvents.ReturnRefundReversed,
        }),
    )
    .pivot('complete', {
      command: ({ request: { orderId } }) => orderCommands.CompleteReturn({ orderId }),
      accepted: orderEvents.ReturnCompleted,
      rejected: orderEvents.ReturnCompletionRejected,
      local: true,
    })
    .delay('inspection', inspectionMs)
    .retriable('restock', {
      command: ({ request: { orderId, lines } }) => inventoryCommands.RestockReturn({ orderId, lines }),
      accepted: inventoryEvents.ReturnRestocked,
    })
    .cancelledBy(orderEvents.ReturnWithdrawn, { reason: 'withdrawn_by_customer' })
    .whenCompensated(
      ({ request: { orderId }, failure }) => orderCommands.CloseReturn({ orderId, reason: failure.reason }),
      { accepted: orderEvents.ReturnClosed },
    );

/** Turns the saga's pivot into the command that the return's own stream decides. */
export const completeReturn = (command: unknown, completedAt: string): ReturnCommand => {
  const { type, orderId } = orderCommands.CompleteReturn.schema.parse(command);
  return { type, orderId, completedAt };
};
