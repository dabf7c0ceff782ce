import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { Describe, Undocumented } from './describe.ts';
import { openApiDocument } from './openapi.ts';
import { pageOf, pageQuery } from '../http/pagination.ts';

const view = z.object({ orderId: z.uuid(), status: z.enum(['pending', 'completed']) });
const placeOrder = z.strictObject({ customerId: z.string().max(64) });
const listOrders = z.strictObject({ ...pageQuery, status: z.enum(['pending']).optional() });

@Controller('orders')
class OrdersController {
  @Post()
  @HttpCode(202)
  @Describe({
    summary: 'Place an order',
    answers: { 202: view },
    problems: { 422: ['unknown_product', 'mixed_currencies'] },
  })
  place(@Body({ schema: placeOrder }) body: z.infer<typeof placeOrder>) {
    return body;
  }

  @Get(':id')
  @Describe({ summary: 'One order', answers: { 200: view }, problems: { 404: ['unknown_order'] } })
  one(@Param('id', { schema: z.uuid() }) id: string) {
    return id;
  }

  @Get()
  @Describe({ summary: 'Orders', answers: { 200: pageOf(view) } })
  list(@Query({ schema: listOrders }) query: z.infer<typeof listOrders>) {
    return query;
  }
}

@Controller('livez')
@Undocumented()
class Probe {
  @Get()
  live() {
    return 'ok';
  }
}

const document = openApiDocument({
  service: 'order',
  controllers: [OrdersController, Probe],
  idempotencyKeys: 'optional',
});

describe('the OpenAPI document', () => {
  it('lists the calls by path, without the probes', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toEqual(['/orders', '/orders/{id}']);
    expect(Object.keys(document.paths['/orders'] ?? {})).toEqual(['post', 'get']);
  });

  it('H10 shows the schema that validates the body and the schema of each answer', () => {
    expect(document.paths['/orders']?.post).toMatchObject({
      summary: 'Place an order',
      requestBody: {
        content: {
          'application/json': { schema: { additionalProperties: false, required: ['customerId'] } },
        },
      },
      responses: {
        202: {
          content: {
            'application/json': { schema: { properties: { status: { enum: ['pending', 'completed'] } } } },
          },
        },
        400: { description: '`invalid_request`, `malformed_json`, `malformed_request`' },
        413: {},
        409: { description: '`request_in_flight`' },
        422: { description: '`unknown_product`, `mixed_currencies`, `idempotency_key_reused`' },
        429: { description: '`rate_limited`' },
      },
    });
  });

  it('shows path and query parameters', () => {
    expect(document.paths['/orders/{id}']?.get?.parameters).toEqual([
      {
        name: 'id',
        in: 'path',
        required: true,
        schema: expect.objectContaining({ format: 'uuid' }),
        example: '0190b5e6-7a2c-7cc1-9a57-3f0a5d2b8c11',
      },
    ]);
    expect(document.paths['/orders']?.get?.parameters).toMatchObject([
      { name: 'limit', required: false, schema: { minimum: 1, maximum: 200 } },
      { name: 'cursor', required: false },
      { name: 'status', required: false },
    ]);
  });

  it('shows each field of a schema for all path parameters', () => {
    const place = z.strictObject({
      shelf: z.string().max(9),
      position: z.coerce.number<string>().int().min(2),
    });
    @Controller('shelves')
    class ShelvesController {
      @Get(':shelf/crates/:position')
      @Describe({ summary: 'One crate', answers: { 200: view } })
      one(@Param({ schema: place }) at: z.infer<typeof place>) {
        return at;
      }
    }
    const { paths } = openApiDocument({
      service: 'crates',
      controllers: [ShelvesController],
      idempotencyKeys: 'none',
    });
    expect(paths['/shelves/{shelf}/crates/{position}']?.get).toMatchObject({
      parameters: [
        { name: 'shelf', in: 'path', required: true, schema: { type: 'string', maxLength: 9 } },
        { name: 'position', in: 'path', required: true, schema: { minimum: 2 }, example: '2' },
      ],
      responses: { 400: { description: '`invalid_request`, `malformed_url`' } },
    });
  });

  it('shows a header that an interceptor reads', () => {
    @Controller('crates')
    class CratesController {
      @Get()
      @Describe({ summary: 'Crates', answers: { 200: view }, otherHeaders: ['last-event-id'] })
      all() {
        return [];
      }
    }
    const { paths } = openApiDocument({
      service: 'crates',
      controllers: [CratesController],
      idempotencyKeys: 'none',
    });
    expect(paths['/crates']?.get).toMatchObject({
      parameters: [{ name: 'last-event-id', in: 'header', required: false, schema: { type: 'string' } }],
    });
  });

  it('H10 refuses a path parameter without a schema, and names the call and what to do', () => {
    @Controller('crates')
    class CratesController {
      @Get(':code')
      @Describe({ summary: 'One crate', answers: { 200: view } })
      one(@Param('code') code: string) {
        return code;
      }
    }
    expect(() =>
      openApiDocument({ service: 'crates', controllers: [CratesController], idempotencyKeys: 'none' }),
    ).toThrow("GET /crates/{code} has a path parameter code without a schema: declare @Param('code', {");
  });

  it('refuses a path parameter without an example that its schema accepts', () => {
    @Controller('crates')
    class CratesController {
      @Get(':code')
      @Describe({ summary: 'One crate', answers: { 200: view } })
      one(@Param('code', { schema: z.string().regex(/^[0-9]{4}$/) }) code: string) {
        return code;
      }
    }
    expect(() =>
      openApiDocument({ service: 'crates', controllers: [CratesController], idempotencyKeys: 'none' }),
    ).toThrow('the path parameter code');
  });

  it('shows a problem of each status as an example', () => {
    const { responses } = document.paths['/orders/{id}']?.get as {
      responses: Record<string, { content?: Record<string, { example?: unknown }> }>;
    };
    expect(responses['404']?.content?.['application/problem+json']?.example).toEqual({
      type: '/problems/unknown_order',
      title: 'Unknown order',
      status: 404,
      code: 'unknown_order',
    });
  });

  it('shows the idempotency key on every POST and nowhere else', () => {
    const key = { name: 'Idempotency-Key', in: 'header', required: false, schema: { maxLength: 255 } };
    expect(document.paths['/orders']?.post?.parameters).toMatchObject([key]);
    expect(document.paths['/orders']?.get?.parameters).not.toContainEqual(
      expect.objectContaining({ in: 'header' }),
    );
  });

  it('shows no idempotency key if the service does not honour it', () => {
    const { paths } = openApiDocument({
      service: 'order',
      controllers: [OrdersController],
      idempotencyKeys: 'none',
    });
    expect(paths['/orders']?.post?.parameters).toEqual([]);
    expect(paths['/orders']?.post?.responses).not.toHaveProperty('409');
  });

  it('describes the schema of problems once', () => {
    expect(document.components).toMatchObject({
      schemas: { Problem: { required: ['type', 'title', 'status', 'code'] } },
    });
  });

  it('shows the first form of a body that has several as its example', () => {
    const pace = z.discriminatedUnion('mode', [
      z.strictObject({ mode: z.literal('once') }),
      z.strictObject({ mode: z.literal('every'), seconds: z.number() }),
    ]);
    @Controller('watches')
    class WatchesController {
      @Post()
      @Describe({ summary: 'Watch', answers: { 201: null } })
      watch(@Body({ schema: z.strictObject({ pace }) }) body: unknown) {
        return body;
      }
    }
    const { paths } = openApiDocument({
      service: 'watches',
      controllers: [WatchesController],
      idempotencyKeys: 'none',
    });
    expect(paths['/watches']?.post).toMatchObject({
      requestBody: { content: { 'application/json': { example: { pace: { mode: 'once' } } } } },
    });
  });

  const documentOf = (schema: z.ZodType) => {
    @Controller('trees')
    class TreesController {
      @Get()
      @Describe({ summary: 'A tree', answers: { 200: schema } })
      tree() {
        return undefined;
      }
    }
    return openApiDocument({ service: 'trees', controllers: [TreesController], idempotencyKeys: 'none' });
  };

  it('describes a schema that refers to itself among its components', () => {
    const branch = z
      .object({
        get branches() {
          return z.array(branch);
        },
      })
      .meta({ id: 'Branch' });
    const { paths, components } = documentOf(z.object({ trunk: branch }));
    const reference = { $ref: '#/components/schemas/Branch' };
    expect(paths['/trees']?.get).toMatchObject({
      responses: {
        200: { content: { 'application/json': { schema: { properties: { trunk: reference } } } } },
      },
    });
    expect(components).toMatchObject({
      schemas: { Branch: { properties: { branches: { items: reference } } } },
    });
    expect(JSON.stringify(paths)).not.toContain('$defs');
  });

  it('refuses a schema that refers to itself and has no name', () => {
    const branch = z.object({
      get branches() {
        return z.array(branch);
      },
    });
    expect(() => documentOf(z.object({ trunk: branch }))).toThrow('add .meta({ id: NAME })');
  });
});
