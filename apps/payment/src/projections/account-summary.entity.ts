import { safeInteger } from '@millrace/service-chassis/service';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ name: 'account_summary' })
export class AccountSummary {
  @PrimaryColumn({ name: 'account_id', type: 'text' })
  accountId!: string;

  @Column({ type: 'text' })
  currency!: string;

  @Column({ type: 'bigint', transformer: safeInteger })
  balance!: number;

  @Column({ type: 'bigint', transformer: safeInteger })
  version!: number;
}
