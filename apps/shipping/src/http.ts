import { Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { fields } from '@millrace/contracts';
import { isRejected, type Rejected } from '@millrace/event-sourcing';
import { shown } from '@millrace/read-models';
import { currentRequest, Describe, notFound, ProblemError } from '@millrace/service-chassis/http';
import {
  COMMAND_HANDLER,
  ENTITIES,
  type CommandHandler,
  type Entities,
} from '@millrace/service-chassis/service';
import { z } from 'zod';
import { returnLabel, type LabelCall, type ReturnLabelRejection } from './domain/return-label.ts';
import { ReturnLabel, Shipment } from './projections.ts';
import { returnLabelStream } from './stream-ids.ts';

const returnLabelView = z
  .object({
    status: z.enum(['made', 'refused', 'voided', 'received']),
    trackingNumber: fields.trackingNumber.optional(),
    receivedAt: fields.instant.optional().describe('When the parcel came back'),
  })
  .describe('The label for a return');
const shipmentView = z.object({
  orderId: fields.orderId,
  status: z.enum(['scheduled', 'dispatched', 'delivered', 'cancelled', 'refused']),
  returnLabel: returnLabelView.optional(),
});

type ShipmentView = z.infer<typeof shipmentView>;

const unknownShipment = () => notFound('unknown_shipment', 'There is no shipment for this order yet');

@Controller('shipments')
export class ShipmentsController {
  constructor(
    @Inject(COMMAND_HANDLER) private readonly commands: CommandHandler<LabelCall>,
    @Inject(ENTITIES) private readonly entities: Entities,
  ) {}

  @Get(':orderId')
  @Describe({
    summary: "Get an order's shipment, once the carrier has answered, and the label for its return",
    answers: { 200: shipmentView },
    problems: { 404: ['unknown_shipment'] },
  })
  async one(@Param('orderId', { schema: fields.orderId }) orderId: string): Promise<ShipmentView> {
    const row = await this.entities.of(Shipment).findOneBy({ orderId });
    if (row === null) throw unknownShipment();
    const label = await this.entities.of(ReturnLabel).findOneBy({ orderId });
    return { orderId, status: row.status, ...(label !== null && { returnLabel: viewOf(label) }) };
  }

  @Post(':orderId/return-parcel')
  @HttpCode(200)
  @Describe({
    summary: 'Record that the parcel of a return has arrived, as the returns desk has scanned it',
    description: 'A parcel that is scanned again changes nothing.',
    answers: { 200: shipmentView },
    problems: { 404: ['no_return_label', 'unknown_shipment'], 409: ['return_label_voided'] },
  })
  async receiveParcel(@Param('orderId', { schema: fields.orderId }) orderId: string): Promise<ShipmentView> {
    const receivedAt = new Date().toISOString();
    const outcome = await this.commands.handle(currentRequest, returnLabel, returnLabelStream(orderId), {
      type: 'RecordParcel',
      orderId,
      receivedAt,
    });
    if (isRejected(outcome)) throw refusal(outcome);
    return this.one(orderId);
  }
}

const viewOf = ({ status, trackingNumber, receivedAt }: ReturnLabel) =>
  shown({ status, trackingNumber, receivedAt });

const titles: Readonly<Record<ReturnLabelRejection, string>> = {
  no_return_label: 'There is no label for a return of this order',
  return_label_voided: 'The label for the return of this order was voided',
};

const refusal = ({ rejected, details }: Rejected<ReturnLabelRejection>): ProblemError =>
  new ProblemError(rejected === 'no_return_label' ? 404 : 409, rejected, titles[rejected], details);
