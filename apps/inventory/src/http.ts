import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put, Query, Res } from '@nestjs/common';
import { isRejected, type Rejected } from '@millrace/event-sourcing';
import {
  currentRequest,
  Describe,
  notFound,
  ProblemError,
  readPage,
  type Page,
  pageOf,
  pageQuery,
} from '@millrace/service-chassis/http';
import {
  ENTITIES,
  COMMAND_HANDLER,
  type Entities,
  type CommandHandler,
} from '@millrace/service-chassis/service';
import type { FastifyReply } from 'fastify';
import { fields } from '@millrace/contracts';
import { z } from 'zod';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { stock, type StockCommand } from './domain/stock.ts';
import { Product, Reservation } from './projections.ts';
import { stockStream } from './stream-ids.ts';

const defineProduct = z.strictObject({ name: z.string().min(1).max(200), price: fields.money });
const receiveStock = z.strictObject({ quantity: fields.quantity });
const listProducts = z.strictObject(pageQuery);

const units = z.number().int().min(0);
const productView = z.object({
  sku: fields.sku,
  name: z.string(),
  price: fields.money,
  onHand: units,
  reserved: units,
  shipped: units,
  returned: units,
});
const reservationView = z.object({
  orderId: fields.orderId,
  status: z.enum(['reserved', 'failed', 'released', 'committed']),
  lines: z.array(fields.orderLine),
});
const productPage = pageOf(productView);

type DefineProductRequest = z.infer<typeof defineProduct>;
type ReceiveStockRequest = z.infer<typeof receiveStock>;
type ListProducts = z.infer<typeof listProducts>;
type ProductView = z.infer<typeof productView>;

const unknownProduct = () => notFound('unknown_product', 'There is no such product');

@Controller('products')
export class ProductsController {
  constructor(
    @Inject(COMMAND_HANDLER) private readonly commands: CommandHandler,
    @Inject(ENTITIES) private readonly entities: Entities,
  ) {}

  @Put(':sku')
  @Describe({
    summary: 'Define a product (201), or change its name or price (200)',
    answers: { 200: productView, 201: productView },
  })
  async define(
    @Param('sku', { schema: fields.sku }) sku: string,
    @Body({ schema: defineProduct }) { name, price }: DefineProductRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProductView> {
    const { isNew, product } = await this.decide({ type: 'DefineProduct', sku, name, price });
    if (isNew) reply.status(201).header('location', `/products/${sku}`);
    return product;
  }

  @Post(':sku/receipts')
  @HttpCode(201)
  @Describe({
    summary: 'Receive units into stock',
    answers: { 201: productView },
    problems: { 404: ['unknown_product'], 422: ['stock_limit_exceeded'] },
  })
  async receive(
    @Param('sku', { schema: fields.sku }) sku: string,
    @Body({ schema: receiveStock }) { quantity }: ReceiveStockRequest,
  ): Promise<ProductView> {
    return (await this.decide({ type: 'ReceiveStock', sku, quantity })).product;
  }

  @Get()
  @Describe({ summary: 'List products, ordered by SKU', answers: { 200: productPage } })
  async list(@Query({ schema: listProducts }) { limit, cursor }: ListProducts): Promise<Page<ProductView>> {
    const { items, nextCursor } = await readPage(this.entities.of(Product).createQueryBuilder('product'), {
      limit,
      cursor,
      by: ['sku'],
      order: 'ASC',
      position: fields.sku,
    });
    return { items: items.map(viewOf), nextCursor };
  }

  @Get(':sku')
  @Describe({
    summary: 'Get a product and its stock',
    answers: { 200: productView },
    problems: { 404: ['unknown_product'] },
  })
  async one(@Param('sku', { schema: fields.sku }) sku: string): Promise<ProductView> {
    const row = await this.entities.of(Product).findOneBy({ sku });
    if (row === null) throw unknownProduct();
    return viewOf(row);
  }

  private async decide(command: StockCommand): Promise<{ isNew: boolean; product: ProductView }> {
    const outcome = await this.commands.handle(currentRequest, stock, stockStream(command.sku), command);
    if (isRejected(outcome)) throw refusal(outcome);
    return {
      isNew: outcome.events.some(({ version }) => version === 1n),
      product: await this.one(command.sku),
    };
  }
}

const viewOf = ({ priceAmount, priceCurrency, ...row }: Product): ProductView => ({
  ...row,
  price: { amount: priceAmount, currency: priceCurrency },
});

const refusal = ({ rejected, details }: Rejected): ProblemError =>
  rejected === 'unknown_product'
    ? unknownProduct()
    : new ProblemError(422, rejected, 'The product cannot receive this many units', details);

@Controller('reservations')
export class ReservationsController {
  constructor(@InjectRepository(Reservation) private readonly rows: Repository<Reservation>) {}

  @Get(':orderId')
  @Describe({
    summary: 'Get the units held for an order',
    answers: { 200: reservationView },
    problems: { 404: ['unknown_reservation'] },
  })
  async one(@Param('orderId', { schema: fields.orderId }) orderId: string) {
    const row = await this.rows.findOneBy({ orderId });
    if (row === null) throw notFound('unknown_reservation', 'No reservation was requested for this order');
    const { status, lines } = row;
    return { orderId, status, lines };
  }
}
