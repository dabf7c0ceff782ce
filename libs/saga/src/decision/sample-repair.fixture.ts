import { topic } from '@millrace/streaming-core/contract';
import { hours, minutes } from '@millrace/streaming-core/runtime';
import { z } from 'zod';
import { saga } from '../definition/saga.ts';

/**
 * The repair of a device as a saga, for this library's own tests. It has every part that a definition
 * can have: a condition of its start, a deadline, results, a branch with a wait, steps side by side
 * before and after the pivot, a delay, and a wait whose timeout fails.
 */
const options = { key: 'repairId', partitions: 6, retention: minutes(60) } as const;
const repairId = z.string();
const reason = z.enum([
  'not_approved',
  'no_approval',
  'no_slot',
  'no_parts',
  'no_engineer',
  'device_lost',
  'too_dear',
  'withdrawn',
  'overdue',
  'step_timeout',
]);
const only = z.strictObject({ repairId });
const why = z.strictObject({ repairId, reason });

export const repairEvents = topic('repair-events', options, {
  RepairAsked: z.strictObject({ repairId, price: z.number(), warranty: z.boolean() }),
  RepairApproved: z.strictObject({ repairId, by: z.string() }),
  RepairDenied: why,
  RepairWithdrawn: only,
  RepairConfirmed: only,
  RepairConfirmationRefused: why,
  RepairClosed: why,
});
export const workshopEvents = topic('workshop-events', options, {
  SlotBooked: z.strictObject({ repairId, slot: z.string() }),
  SlotRefused: why,
  SlotFreed: only,
  DeviceArrived: z.strictObject({ repairId, weight: z.number() }),
  PartsReserved: z.strictObject({ repairId, box: z.string() }),
  PartsRefused: why,
  PartsReturned: only,
  EngineerBooked: z.strictObject({ repairId, engineer: z.string() }),
  EngineerRefused: why,
  EngineerFreed: only,
  InvoiceSent: only,
  DeviceSent: only,
});
export const workshopCommands = topic('workshop-commands', options, {
  BookSlot: z.strictObject({ repairId, approvedBy: z.string() }),
  FreeSlot: z.strictObject({ repairId, slot: z.string() }),
  ReserveParts: z.strictObject({ repairId, slot: z.string() }),
  ReturnParts: z.strictObject({ repairId, box: z.string() }),
  BookEngineer: z.strictObject({ repairId, weight: z.number() }),
  FreeEngineer: z.strictObject({ repairId, engineer: z.string() }),
  ConfirmRepair: z.strictObject({ repairId, engineer: z.string() }),
  SendInvoice: z.strictObject({ repairId, box: z.string() }),
  SendDevice: only,
  CloseRepair: z.strictObject({ repairId, reason, slot: z.string() }),
});

export const repair = saga('repair', {
  version: 1,
  starts: repairEvents.RepairAsked,
  startsWhen: ({ warranty }) => !warranty,
  id: (asked) => asked.repairId,
  subject: 'repair',
  commands: [workshopCommands],
  deadline: { after: hours(72), reason: 'overdue' },
})
  .branch('dear', {
    when: ({ repair }) => repair.price > 100,
    then: (dear) =>
      dear.waitFor('approval', {
        event: repairEvents.RepairApproved,
        refused: repairEvents.RepairDenied,
        within: hours(8),
        result: ({ by }) => by,
        timedOut: (late) => late.fail('no_approval'),
      }),
  })
  .step('slot', {
    command: ({ repair: { repairId }, results }) =>
      workshopCommands.BookSlot({ repairId, approvedBy: results.approval ?? 'nobody' }),
    accepted: workshopEvents.SlotBooked,
    result: ({ slot }) => slot,
    rejected: workshopEvents.SlotRefused,
    compensation: ({ repair: { repairId }, results }) =>
      workshopCommands.FreeSlot({ repairId, slot: results.slot ?? 'unknown' }),
    compensated: workshopEvents.SlotFreed,
  })
  .waitFor('device', {
    event: workshopEvents.DeviceArrived,
    within: hours(24),
    result: ({ weight }) => ({ weight }),
    timedOut: (late) => late.fail('device_lost'),
  })
  .parallel((together) =>
    together
      .step('parts', {
        command: ({ repair: { repairId }, results: { slot } }) =>
          workshopCommands.ReserveParts({ repairId, slot }),
        accepted: workshopEvents.PartsReserved,
        result: ({ box }) => box,
        rejected: workshopEvents.PartsRefused,
        compensation: ({ repair: { repairId }, results }) =>
          workshopCommands.ReturnParts({ repairId, box: results.parts ?? 'unknown' }),
        compensated: workshopEvents.PartsReturned,
      })
      .step('engineer', {
        command: ({ repair: { repairId }, results }) =>
          workshopCommands.BookEngineer({ repairId, weight: results.device.weight }),
        accepted: workshopEvents.EngineerBooked,
        result: ({ engineer }) => engineer,
        rejected: workshopEvents.EngineerRefused,
        compensation: ({ repair: { repairId }, results }) =>
          workshopCommands.FreeEngineer({ repairId, engineer: results.engineer ?? 'unknown' }),
        compensated: workshopEvents.EngineerFreed,
      }),
  )
  .pivot('confirm', {
    command: ({ repair: { repairId }, results: { engineer } }) =>
      workshopCommands.ConfirmRepair({ repairId, engineer }),
    accepted: repairEvents.RepairConfirmed,
    rejected: repairEvents.RepairConfirmationRefused,
  })
  .delay('burn-in', hours(1))
  .parallel((together) =>
    together
      .retriable('invoice', {
        command: ({ repair: { repairId }, results: { parts } }) =>
          workshopCommands.SendInvoice({ repairId, box: parts }),
        accepted: workshopEvents.InvoiceSent,
      })
      .retriable('device-back', {
        command: ({ repair: { repairId } }) => workshopCommands.SendDevice({ repairId }),
        accepted: workshopEvents.DeviceSent,
      }),
  )
  .cancelledBy(repairEvents.RepairWithdrawn, { reason: 'withdrawn' })
  .whenCompensated(
    ({ repair: { repairId }, failure, results }) =>
      workshopCommands.CloseRepair({ repairId, reason: failure.reason, slot: results.slot ?? 'none' }),
    { accepted: repairEvents.RepairClosed },
  );

const r1 = { repairId: 'r1' } as const;
/** One start that needs an approval and one that needs none. */
export const repairStarts = [
  repairEvents.RepairAsked({ ...r1, price: 500, warranty: false }),
  repairEvents.RepairAsked({ ...r1, price: 50, warranty: false }),
] as const;
/** The replies and messages that have more fields than their commands. */
export const repairReplies = [
  repairEvents.RepairApproved({ ...r1, by: 'Grace' }),
  repairEvents.RepairDenied({ ...r1, reason: 'too_dear' }),
  repairEvents.RepairConfirmationRefused({ ...r1, reason: 'withdrawn' }),
  workshopEvents.SlotBooked({ ...r1, slot: 'monday' }),
  workshopEvents.SlotRefused({ ...r1, reason: 'no_slot' }),
  workshopEvents.DeviceArrived({ ...r1, weight: 7 }),
  workshopEvents.PartsReserved({ ...r1, box: 'box-1' }),
  workshopEvents.PartsRefused({ ...r1, reason: 'no_parts' }),
  workshopEvents.EngineerBooked({ ...r1, engineer: 'Edith' }),
  workshopEvents.EngineerRefused({ ...r1, reason: 'no_engineer' }),
];
