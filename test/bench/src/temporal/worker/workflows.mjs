import { ApplicationFailure, proxyActivities } from '@temporalio/workflow';

const act = proxyActivities({ startToCloseTimeout: '30 seconds', retry: { initialInterval: '1 second' } });

/** The saga of apps/order/src/fulfillment, as Temporal's samples write one: each step registers what undoes it. */
export async function fulfillment(order) {
  const undo = [];
  const step = async (run, compensate) => {
    undo.unshift(compensate);
    try {
      await run(order);
    } catch (error) {
      if (isRefusal(error)) undo.shift(); // nothing happened; after a timeout, something may have
      throw error;
    }
  };
  try {
    await step(act.reserveInventory, act.releaseInventory);
    await step(act.processPayment, act.refundPayment);
    await step(act.scheduleShipment, act.cancelShipment);
  } catch {
    for (const compensate of undo) await compensate(order);
    await act.cancelOrder(order);
    return 'cancelled';
  }
  await act.completeOrder(order);
  await act.commitReservation(order);
  return 'completed';
}

const isRefusal = ({ cause }) => cause instanceof ApplicationFailure && cause.nonRetryable;
