import 'reflect-metadata';
import { Controller, Get, Module, Post, type DynamicModule } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { TAKES_IDEMPOTENCY_KEYS } from '../idempotency/idempotency-key.ts';
import { Describe } from './describe.ts';
import { moduleDocument } from './module-document.ts';

@Controller('rooms')
class RoomsController {
  @Get()
  @Describe({ summary: 'List rooms', answers: { 200: null } })
  list() {
    return [];
  }

  @Post()
  book() {
    return undefined;
  }
}

@Controller('guests')
class GuestsController {
  @Get()
  @Describe({ summary: 'List guests', answers: { 200: null } })
  list() {
    return [];
  }
}

@Module({ controllers: [GuestsController] })
class GuestsModule {}

@Module({ providers: [{ provide: TAKES_IDEMPOTENCY_KEYS, useValue: true }] })
class KeysModule {}

@Module({ imports: [GuestsModule] })
class HotelModule {}

const hotel = (added: Partial<DynamicModule> = {}): DynamicModule => ({
  module: HotelModule,
  controllers: [RoomsController],
  ...added,
});

describe('the document of a module', () => {
  it('R40 has the routes of the module and of those that it imports', async () => {
    const { paths } = await moduleDocument({ name: 'hotel', module: hotel() });
    expect(Object.keys(paths).sort()).toEqual(['/guests', '/rooms']);
  });

  it('has idempotency keys if a module of the app takes them', async () => {
    const keyed = await moduleDocument({ name: 'hotel', module: hotel({ imports: [KeysModule] }) });
    const key = expect.objectContaining({ name: 'Idempotency-Key' });
    expect(keyed.paths['/rooms']?.post?.parameters).toEqual([key]);
    const plain = await moduleDocument({ name: 'hotel', module: hotel() });
    expect(plain.paths['/rooms']?.post?.parameters).toEqual([]);
  });

  it('has the refusals of the guard at every route', async () => {
    const { paths } = await moduleDocument({
      name: 'hotel',
      module: hotel(),
      everyCall: { 401: ['not_signed_in'] },
    });
    expect(paths['/guests']?.get?.responses).toHaveProperty('401.description', '`not_signed_in`');
  });

  it('R40 has no summary for a route that nobody has described', async () => {
    const { paths } = await moduleDocument({ name: 'hotel', module: hotel() });
    expect(paths['/rooms']?.get).toHaveProperty('summary', 'List rooms');
    expect(paths['/rooms']?.post).not.toHaveProperty('summary');
  });
});
