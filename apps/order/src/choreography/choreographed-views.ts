import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { choreography } from '@millrace/contracts';
import type { Repository } from 'typeorm';
import { ChoreographedOrder } from './choreographed-order.ts';

/** A step of a choreographed order. It begins with the event that a service reacts to. */
interface Part {
  readonly name: string;
  /** The event that ends it. */
  readonly event: string;
  readonly beganAt: string | null;
  readonly endedAt: string | null;
}

/** Shows choreographed orders as `GET /sagas/:orderId` shows sagas. */
@Injectable()
export class ChoreographedViews {
  constructor(
    @InjectRepository(ChoreographedOrder) private readonly orders: Repository<ChoreographedOrder>,
  ) {}

  async one(orderId: string) {
    const row = await this.orders.findOneBy({ orderId });
    return row === null ? undefined : viewOf(row);
  }
}

function viewOf(row: ChoreographedOrder) {
  const { orderId, status, reason } = row;
  const undoing = row.failedAt === null ? [] : undoingOf(row);
  return {
    sagaId: orderId,
    definition: choreography,
    version: 1,
    status,
    ...(reason !== null && { reason }),
    steps: stepsOf(row).map((part) => shown(part, openStatus(row), 'accepted')),
    timers: [],
    waits: openParts(row).map(({ event }) => ({ name: event, status: 'open', until: null })),
    branches: {},
    compensations: undoing.map((part) => shown(part, 'sent', 'compensated')),
  };
}

interface OpenPart extends Part {
  readonly beganAt: string;
}

/** Returns the steps that the order waits for: none once it has ended, even if it never heard of one. */
export function openParts(row: ChoreographedOrder): readonly OpenPart[] {
  if (row.status === 'completed' || row.status === 'compensated') return [];
  const parts = row.failedAt === null ? stepsOf(row) : undoingOf(row);
  return parts.filter((part): part is OpenPart => part.beganAt !== null && part.endedAt === null);
}

/** What has become of a step that has begun and not ended. */
function openStatus({ status, reason }: ChoreographedOrder): string {
  if (status === 'completed') return 'accepted'; // by an answer that order heard too late
  if (reason === null || reason === 'cancelled_by_customer') return 'sent';
  return reason === 'step_timeout' ? 'timed_out' : 'rejected';
}

/** Each service begins when it hears of the one before, and order completes the order at once. */
const stepsOf = (row: ChoreographedOrder): readonly Part[] => [
  { name: 'reserve', event: 'InventoryReserved', beganAt: row.startedAt, endedAt: row.reservedAt },
  { name: 'pay', event: 'PaymentProcessed', beganAt: row.reservedAt, endedAt: row.paidAt },
  { name: 'ship', event: 'ShipmentScheduled', beganAt: row.paidAt, endedAt: row.shippedAt },
  { name: 'complete', event: 'OrderCompleted', beganAt: row.completedAt, endedAt: row.completedAt },
  { name: 'commit', event: 'ReservationCommitted', beganAt: row.completedAt, endedAt: row.committedAt },
];

const undoingOf = ({ failedAt, ...row }: ChoreographedOrder): readonly Part[] => [
  { name: 'ship', event: 'ShipmentCancelled', beganAt: failedAt, endedAt: row.cancelledAt },
  { name: 'pay', event: 'PaymentRefunded', beganAt: failedAt, endedAt: row.refundedAt },
  { name: 'reserve', event: 'InventoryReleased', beganAt: failedAt, endedAt: row.releasedAt },
];

function shown({ name, beganAt, endedAt }: Part, begun: string, ended: string) {
  const status = beganAt === null ? 'pending' : endedAt === null ? begun : ended;
  return { name, status, attempts: beganAt === null ? 0 : 1, sentAt: beganAt, repliedAt: endedAt };
}
