import { integer } from '@millrace/read-models';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('account_summary')
export class AccountSummary {
  /** The id of the customer who has the account. */
  @PrimaryColumn('text')
  accountId!: string;

  @Column('text')
  currency!: string;

  @Column(integer)
  balance!: number;

  @Column(integer)
  version!: number;
}
