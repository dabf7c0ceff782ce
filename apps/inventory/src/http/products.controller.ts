import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put, Query, Res } from '@nestjs/common';
import { isRejected, type Rejected } from '@millrace/event-sourcing';
import {
  currentRequest,
  Describe,
  notFound,
  ProblemError,
  readPage,
  type Page,
} from '@millrace/service-chassis/http';
import {
  ENTITIES,
  COMMAND_HANDLER,
  type Entities,
  type CommandHandler,
} from '@millrace/service-chassis/service';
import type { FastifyReply } from 'fastify';
import { stock } from '../domain/decide-stock.ts';
import type { StockCommand } from '../domain/stock.ts';
import { Product } from '../projections/product.entity.ts';
import { stockStream } from '../stream-ids.ts';
import {
  defineProduct,
  listProducts,
  productPage,
  productView,
  receiveStock,
  skuParam,
} from './inventory.dto.ts';
import type {
  DefineProductRequest,
  ListProducts,
  ProductView,
  ReceiveStockRequest,
} from './inventory.dto.ts';

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
    @Param('sku', { schema: skuParam }) sku: string,
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
    @Param('sku', { schema: skuParam }) sku: string,
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
      position: skuParam,
    });
    return { items: items.map(viewOf), nextCursor };
  }

  @Get(':sku')
  @Describe({
    summary: 'Get a product and its stock',
    answers: { 200: productView },
    problems: { 404: ['unknown_product'] },
  })
  async one(@Param('sku', { schema: skuParam }) sku: string): Promise<ProductView> {
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
