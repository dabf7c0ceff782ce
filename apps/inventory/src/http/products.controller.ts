import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put, Query, Res } from '@nestjs/common';
import { isRejected, type Rejected } from '@millrace/event-sourcing';
import {
  decodeCursor,
  Describe,
  notFound,
  pageFrom,
  ProblemError,
  type Page,
} from '@millrace/service-chassis/http';
import { ENTITIES, STREAMS, type Entities, type Streams } from '@millrace/service-chassis/service';
import type { FastifyReply } from 'fastify';
import { MoreThan } from 'typeorm';
import { stock, type StockCommand } from '../domain/stock.ts';
import { Product } from '../projections/product.entity.ts';
import { stockStream } from '../streams.ts';
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
    @Inject(STREAMS) private readonly streams: Streams,
    @Inject(ENTITIES) private readonly entities: Entities,
  ) {}

  @Put(':sku')
  @Describe({
    summary: 'Define a product (201), or change its name or price',
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
  @Describe({ summary: 'Products by SKU', answers: { 200: productPage } })
  async list(@Query({ schema: listProducts }) { limit, cursor }: ListProducts): Promise<Page<ProductView>> {
    const after = decodeCursor(cursor, skuParam);
    const rows = await this.entities.of(Product).find({
      order: { sku: 'ASC' },
      take: limit + 1,
      ...(after !== undefined && { where: { sku: MoreThan(after) } }),
    });
    return pageFrom(rows.map(toView), limit, ({ sku }) => sku);
  }

  @Get(':sku')
  @Describe({
    summary: 'One product and its stock',
    answers: { 200: productView },
    problems: { 404: ['unknown_product'] },
  })
  async one(@Param('sku', { schema: skuParam }) sku: string): Promise<ProductView> {
    const row = await this.entities.of(Product).findOneBy({ sku });
    if (row === null) throw unknownProduct();
    return toView(row);
  }

  private async decide(command: StockCommand): Promise<{ isNew: boolean; product: ProductView }> {
    const outcome = await this.streams.execute(stock, stockStream(command.sku), command);
    if (isRejected(outcome)) throw refusal(outcome);
    return {
      isNew: outcome.events.some(({ version }) => version === 1n),
      product: await this.one(command.sku),
    };
  }
}

const toView = ({ priceAmount, priceCurrency, ...row }: Product): ProductView => ({
  ...row,
  price: { amount: priceAmount, currency: priceCurrency },
});

const refusal = ({ rejected, details }: Rejected): ProblemError =>
  rejected === 'unknown_product'
    ? unknownProduct()
    : new ProblemError(422, rejected, 'The stock cannot be changed like this', details);
