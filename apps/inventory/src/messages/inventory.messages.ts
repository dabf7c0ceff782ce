import { Controller } from '@nestjs/common';
import {
  inventoryCommands,
  type CommitReservation,
  type ReleaseInventory,
  type ReserveInventory,
} from '@millrace/contracts';
import { Handles } from '@millrace/service-chassis/messages';
import type { MessageContext } from '@millrace/streaming-core/consumer';
import { reservationStream, stockStream } from '../streams.ts';
import { Reservations } from './reservations.ts';

/** The order's reservation and every SKU it names, locked together for the batch. */
const locks = ({ orderId, lines }: ReserveInventory | ReleaseInventory | CommitReservation) => [
  reservationStream(orderId),
  ...lines.map(({ sku }) => stockStream(sku)),
];

@Controller()
export class InventoryMessages {
  constructor(private readonly reservations: Reservations) {}

  @Handles(inventoryCommands.ReserveInventory, { locks })
  reserve(command: ReserveInventory, message: MessageContext): Promise<void> {
    return this.reservations.reserve(command, message);
  }

  @Handles(inventoryCommands.ReleaseInventory, { locks })
  release(command: ReleaseInventory, message: MessageContext): Promise<void> {
    return this.reservations.release(command, message);
  }

  @Handles(inventoryCommands.CommitReservation, { locks })
  commit(command: CommitReservation, message: MessageContext): Promise<void> {
    return this.reservations.commit(command, message);
  }
}
