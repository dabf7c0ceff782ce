import { Inject, Injectable } from '@nestjs/common';
import { rejected } from '@millrace/event-sourcing';
import { PERSONAL_DATA } from '@millrace/service-chassis/service';
import type { PersonalData } from '@millrace/streaming-core/personal';
import { refusal } from './refusal.ts';

/** The customers whose orders are accepted. */
@Injectable()
export class ActiveCustomers {
  constructor(@Inject(PERSONAL_DATA) private readonly personalData: PersonalData) {}

  /**
   * Throws the 409 `customer_erased` once the erasure of the customer has begun. Other processes may
   * have begun it up to `keyCacheMsByDefault` ago without this one knowing.
   */
  async refuseErased(customerId: string): Promise<void> {
    const keys = await this.personalData.keysToSeal([{ holder: 'order', subject: customerId }]);
    if (keys.subjectState(customerId) !== 'active') throw refusal(rejected('customer_erased'));
  }
}
