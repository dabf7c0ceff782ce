import { Inject, Injectable } from '@nestjs/common';
import { orderStyle, type OrderStyle } from '@millrace/contracts';
import type { ConfigOf } from '@millrace/service-chassis/config';
import { token } from '@millrace/service-chassis/service';
import type { choreographyConfig } from './config.ts';

/** The field of a request that chooses the style of its order. */
export const choreographedRequest = {
  style: orderStyle
    .optional()
    .describe('How the order is fulfilled; the setting ORDER_STYLE decides if it is absent'),
};

/** The service's settings of choreographed orders. */
export type ChoreographySettings = ConfigOf<typeof choreographyConfig>;
export const CHOREOGRAPHY = token<ChoreographySettings>('Choreography');

export const provideChoreography = (config: ChoreographySettings) => ({
  provide: CHOREOGRAPHY,
  useValue: config,
});

interface WithStyle {
  readonly style?: OrderStyle;
}

@Injectable()
export class OrderStyles {
  constructor(@Inject(CHOREOGRAPHY) private readonly settings: ChoreographySettings) {}

  /** The style of a new order: that of its request, or else of the service. */
  styleOf({ style = this.settings.style }: WithStyle): WithStyle {
    return { style };
  }
}
