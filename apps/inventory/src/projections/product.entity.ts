import { integer } from '@millrace/read-models';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('product')
export class Product {
  @PrimaryColumn('text')
  sku!: string;

  @Column('text')
  name!: string;

  @Column(integer)
  priceAmount!: number;

  @Column('text')
  priceCurrency!: string;

  @Column({ ...integer, default: 0 })
  onHand!: number;

  @Column({ ...integer, default: 0 })
  reserved!: number;

  @Column({ ...integer, default: 0 })
  shipped!: number;
}
