import { Controller, Get, Inject, Param } from '@nestjs/common';
import { Describe } from '@millrace/service-chassis/http';
import { streamStore } from '@millrace/service-chassis/streams';
import type { ReadOnlyKeyValueStore } from '@millrace/streams';
import { z } from 'zod';
import { recentOf, recommendationsFor, type Counts, type Profile } from './domain/recommendations.ts';
import { applicationId, neighbours, profiles } from './topology.ts';

const place = z.strictObject({ customerId: z.string().min(1).max(64) });
const recommendationsView = z.object({
  recent: z.array(z.string()).describe('The last products of the customer, the newest first'),
  items: z.array(
    z.object({
      sku: z.string(),
      boughtWith: z.string().describe("The customer's product with which others bought this one most often"),
    }),
  ),
});

@Controller('recommendations')
export class RecommendationsController {
  constructor(
    @Inject(streamStore(applicationId, profiles))
    private readonly profiles: ReadOnlyKeyValueStore<string, Profile>,
    @Inject(streamStore(applicationId, neighbours))
    private readonly neighbours: ReadOnlyKeyValueStore<string, Counts>,
  ) {}

  @Get(':customerId')
  @Describe({
    summary: 'Get up to five products that others have bought with those of the customer',
    description:
      'A customer who has bought nothing yet gets none. Complete only with a single process: several split the ' +
      'customers and the products among them.',
    answers: { 200: recommendationsView },
  })
  get(@Param({ schema: place }) { customerId }: z.infer<typeof place>): z.infer<typeof recommendationsView> {
    const profile = this.profiles.get(customerId) ?? [];
    const items = recommendationsFor(profile, (sku) => this.neighbours.get(sku));
    return { recent: [...recentOf(profile)], items: [...items] };
  }
}
